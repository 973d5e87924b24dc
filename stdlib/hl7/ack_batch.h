// SPDX-License-Identifier: Apache-2.0
// The answer to a batch: the acknowledgements of its messages in a batch of their own (HL7 2.5.1 chapter 2.10.3.3), with the
// ends swapped, the counts written, BHS-12 naming the sender's BHS-11 and FHS-12 its FHS-11, and what is wrong with the
// envelope in the comments (BTS-2, FTS-2). Owns what it writes. One thread; no failure: what cannot be written with the
// sender's delimiters becomes a blank.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "stdlib/hl7/batch.h"

namespace smarthl7::hl7 {

class BatchAckWriter {
 public:
  /// `timestamp` is BHS-7 and FHS-7 of all that is written.
  explicit BatchAckWriter(std::string timestamp) : timestamp_(std::move(timestamp)) {}

  /// Opens; what was open at that level is ended first, without a comment.
  void begin_file(const BatchSegment& header, std::string_view control_id);
  void begin_batch(const BatchSegment& header, std::string_view control_id);
  void add(std::string_view acknowledgement);
  void end_batch(std::string_view comment);
  void end_file(std::string_view comment);

  [[nodiscard]] bool in_file() const { return in_file_; }
  [[nodiscard]] bool in_batch() const { return in_batch_; }
  /// Acknowledgements that were added.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Ends what is open.
  [[nodiscard]] std::string take();
  /// What is written so far, to be let go; nothing is ended.
  [[nodiscard]] std::string drain() { return std::exchange(out_, {}); }
  [[nodiscard]] std::size_t pending() const { return out_.size(); }

 private:
  void write_header(std::string_view name, const BatchSegment& header, std::string_view control_id);
  void write_trailer(std::string_view name, std::uint64_t count, std::string_view comment, const Delimiters& delimiters);

  std::string timestamp_;
  std::string out_;
  Delimiters file_delimiters_;
  Delimiters batch_delimiters_;
  bool in_file_ = false;
  bool in_batch_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t of_batch_ = 0;
  std::uint64_t batches_ = 0;  // of the file; messages without a BHS are one
  std::uint64_t of_file_ = 0;
};

}  // namespace smarthl7::hl7

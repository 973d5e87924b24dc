// SPDX-License-Identifier: Apache-2.0
// The batch and file protocol, reading (HL7 chapter 2.10.3): FHS { BHS { MSH ... } BTS } FTS, where each of the four may be
// missing. BatchReader finds the messages in bytes, whole or fed piece by piece, and says where each one stands, whether the
// counts of BTS-1 and FTS-1 are right, and what is missing or extra. Tolerated without a word: a byte order mark, CR, LF or
// CR LF, blank lines, MLLP's VT and FS around messages. Nothing is copied when the whole is given: views live as long as the
// bytes; fed ones until the next feed(). No failure: any bytes are messages, findings or both. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/finding.h"

namespace smarthl7::hl7 {

/// Do these bytes begin (after a byte order mark and blank lines) with FHS or BHS?
[[nodiscard]] bool begins_batch(std::string_view bytes);

/// Numbers count from 1; 0 is outside of any file (no FHS) or batch (no BHS).
struct BatchPlace {
  std::uint32_t file = 0;
  std::uint32_t batch = 0;    // within its file
  std::uint32_t message = 0;  // within its batch, or within its file or the whole where there is no batch
  std::uint64_t number = 0;   // of all messages
  std::uint64_t offset = 0;   // of the first byte, from the beginning of the input

  friend bool operator==(const BatchPlace&, const BatchPlace&) = default;
};

/// "file 1, batch 2, message 3"; what is 0 is left out.
[[nodiscard]] std::string describe(const BatchPlace& place);

/// One FHS, BHS, BTS or FTS segment. Fields are counted as HL7 does: FHS-1 and BHS-1 are the separator itself.
class BatchSegment {
 public:
  BatchSegment() = default;
  explicit BatchSegment(std::string_view raw, char separator) : raw_(raw), separator_(separator) {}
  [[nodiscard]] std::string_view raw() const { return raw_; }
  [[nodiscard]] std::string_view name() const { return std::string_view(raw_).substr(0, 3); }
  [[nodiscard]] bool empty() const { return raw_.empty(); }
  [[nodiscard]] char separator() const { return separator_; }
  /// Empty if the segment is shorter.
  [[nodiscard]] std::string_view field(std::size_t n) const;
  /// Of an FHS or BHS, from its first two fields.
  [[nodiscard]] Delimiters delimiters() const;

 private:
  std::string raw_;
  char separator_ = '|';
};

enum class BatchProblem : std::uint8_t {
  outside,           // a segment that belongs to no message, batch or file
  file_not_ended,    // FHS without FTS
  batch_not_ended,   // BHS without BTS
  file_not_begun,    // FTS without FHS
  batch_not_begun,   // BTS without BHS
  wrong_count,       // BTS-1 or FTS-1 is another number than there are
  unreadable_count,  // ... or no number
  after_end,         // something follows the FTS that no FHS begins
  messages_beside,   // messages of a file outside of its batches, while it has batches
  empty_batch,       // BHS and BTS without a message between
  nothing,           // no message at all
};

struct BatchFinding {
  BatchProblem problem = BatchProblem::outside;
  Severity severity = Severity::error;
  BatchPlace place;          // where; message is the last one read
  std::string segment_name;  // FHS, BHS, BTS, FTS, or empty
  std::string text;          // what was expected, without values

  friend bool operator==(const BatchFinding&, const BatchFinding&) = default;
};

struct BatchItem {
  std::string_view bytes;  // from MSH to the end of the last segment, its terminator included
  BatchPlace place;
};

class BatchReader {
 public:
  enum class Step : std::uint8_t { message, need_more, end };
  static constexpr std::size_t kMostFindings = 1000;

  /// Pieces follow: feed() them, then finish().
  BatchReader() = default;
  /// The whole, which outlives the reader.
  explicit BatchReader(std::string_view whole) : text_(whole), finished_(true) {}
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// More bytes. Views given before are gone. What was read is let go, so memory holds one message and one piece.
  void feed(std::string_view piece);
  /// There are no more bytes.
  void finish() { finished_ = true; }

  /// need_more: feed() or finish() first. After `end`, findings() are complete.
  [[nodiscard]] Step next(BatchItem& item);

  /// Header of the file and batch that the last message stands in; empty if it has none.
  [[nodiscard]] const BatchSegment& file_header() const { return file_header_; }
  [[nodiscard]] const BatchSegment& batch_header() const { return batch_header_; }

  /// The first kMostFindings; finding_count() counts all.
  [[nodiscard]] const std::vector<BatchFinding>& findings() const { return findings_; }
  [[nodiscard]] std::uint64_t finding_count() const { return finding_count_; }
  [[nodiscard]] std::uint32_t files() const { return files_; }
  [[nodiscard]] std::uint32_t batches() const { return batches_; }
  [[nodiscard]] std::uint64_t messages() const { return place_.number; }
  /// Is there any FHS, BHS, BTS or FTS (so far)?
  [[nodiscard]] bool has_envelope() const { return has_envelope_; }

 private:
  enum class Line : std::uint8_t { unknown, message, file_header, batch_header, batch_trailer, file_trailer, other };

  [[nodiscard]] Line line_at(std::size_t at) const;
  void read_line(Line kind, std::string_view line);
  void begin_file(std::string_view line);
  void end_file(std::string_view line);
  void begin_batch(std::string_view line);
  void end_batch(std::string_view line);
  void close_batch();
  void close_file();
  void check_count(std::string_view line, char separator, std::uint32_t found, std::uint32_t also_right, std::string_view what);
  [[nodiscard]] Step emit(std::size_t end, std::size_t next, BatchItem& item);
  void end_input();
  void add(BatchProblem problem, Severity severity, std::string_view segment, std::string text);

  std::string buffer_;
  std::string_view text_;        // what is not read yet begins at at_
  std::uint64_t discarded_ = 0;  // bytes before text_
  std::size_t at_ = 0;
  std::size_t scan_ = 0;
  bool finished_ = false;
  bool ended_ = false;
  bool in_message_ = false;
  bool after_file_ = false;  // an FTS was the last thing
  bool has_envelope_ = false;
  BatchPlace place_;
  std::uint32_t files_ = 0;
  std::uint32_t batches_ = 0;
  std::uint32_t batches_of_file_ = 0;
  std::uint32_t batch_messages_ = 0;
  std::uint32_t loose_messages_ = 0;  // of the file, outside of its batches
  BatchSegment file_header_;
  BatchSegment batch_header_;
  std::vector<BatchFinding> findings_;
  std::uint64_t finding_count_ = 0;
};

}  // namespace smarthl7::hl7

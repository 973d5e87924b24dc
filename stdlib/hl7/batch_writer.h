// SPDX-License-Identifier: Apache-2.0
// The batch and file protocol, writing (HL7 chapter 2.10.3): collects messages, byte for byte, between FHS/BHS and BTS/FTS with
// their counts, and answers a batch with a batch of acknowledgements. Name and comment are text, escaped here; the other
// fields of a header stand as they are given. The writer appends to a string that outlives it. Failure: what is not one message
// is refused, and nothing of it is written. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/base/result.h"
#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/delimiters.h"

namespace smarthl7::hl7 {

/// Fields 3 to 12 of FHS and BHS, which have the same ones; empty ones are left out.
struct BatchHeader {
  std::string sending_application = {};
  std::string sending_facility = {};
  std::string receiving_application = {};
  std::string receiving_facility = {};
  std::string created = {};               // "20261123101500"
  std::string name = {};                  // BHS-9: name, id and type in one (FHS-9: the same of the file)
  std::string comment = {};               // BHS-10
  std::string control_id = {};            // BHS-11
  std::string reference_control_id = {};  // BHS-12: BHS-11 of the batch that this one answers
};

class BatchWriter {
 public:
  explicit BatchWriter(std::string& out, const Delimiters& delimiters = {}) : out_(out), delimiters_(delimiters) {}

  void begin_file(const BatchHeader& header);
  void begin_batch(const BatchHeader& header);
  /// One message; a CR is added where its last segment just stops.
  [[nodiscard]] Result<void> add(std::string_view message);
  /// BTS with the number of messages (BTS-1), and a comment (BTS-2).
  void end_batch(std::string_view comment = {});
  /// FTS with the number of batches (FTS-1).
  void end_file(std::string_view comment = {});

  [[nodiscard]] std::uint32_t messages() const { return messages_; }  // of the batch
  [[nodiscard]] std::uint32_t batches() const { return batches_; }    // of the file

 private:
  void header(std::string_view name, const BatchHeader& header);
  void trailer(std::string_view name, std::uint32_t count, std::string_view comment);
  void text(std::string_view value);

  std::string& out_;
  Delimiters delimiters_;
  std::uint32_t messages_ = 0;
  std::uint32_t batches_ = 0;
};

/// The header of the answer to a batch or file: addresses turned round, BHS-11 the answer's own id, BHS-12 that of what is
/// answered. An empty segment gives a header without addresses.
[[nodiscard]] BatchHeader answer_header(const BatchSegment& received, std::string_view created, std::string_view control_id,
                                        std::string_view comment = {});

}  // namespace smarthl7::hl7

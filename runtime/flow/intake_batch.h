// SPDX-License-Identifier: Apache-2.0
// A batch or file that came in one frame: how its messages are numbered for their traces, and the answer that is put together
// from theirs, in their order and within the sender's envelope (HL7 2.5.1 chapter 2.10.3).
// Views into the frame, which outlives it. One thread; no failure: what is wrong with the envelope is a finding that the answer
// carries in a comment, and the messages are taken whatever it says.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "stdlib/hl7/ack_batch.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::flow {

class BatchFrame {
 public:
  /// Looks through the frame once: counts and findings are known before the first message is taken.
  BatchFrame(std::string_view frame, std::string timestamp);

  [[nodiscard]] std::uint64_t finding_count() const { return scan_.finding_count(); }
  /// The next message; false after the last one.
  [[nodiscard]] bool next(hl7::BatchItem& item);
  /// "message 3 of 20: file 1, batch 2, message 1".
  [[nodiscard]] std::string note(const hl7::BatchItem& item) const;

  /// Where a message stands, kept until its answer is written.
  struct Place {
    hl7::BatchPlace at;
    std::shared_ptr<const hl7::BatchSegment> file;   // null: in no file
    std::shared_ptr<const hl7::BatchSegment> batch;  // null: in no batch
  };
  /// Of the message that next() gave last.
  [[nodiscard]] Place place(const hl7::BatchItem& item);
  /// The acknowledgement of a message, in the order of the messages; empty: it gets none.
  void answer(const Place& place, std::string_view acknowledgement);
  /// The whole answer; empty: silence. A batch whose messages all get no answer gets none itself, and so does an empty one that
  /// answers another (BHS-12): two hubs would otherwise answer each other for ever.
  [[nodiscard]] std::string finish();

 private:
  void open(const Place& place);
  void close_batch();
  void close_file();
  [[nodiscard]] std::string comment(bool of_file) const;
  void answer_empty();

  std::string_view frame_;
  hl7::BatchReader scan_;
  hl7::BatchReader reader_;
  hl7::BatchAckWriter writer_;
  Place last_;     // of the message that next() gave last
  Place written_;  // of the envelope that is open in the answer
};

}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
// The sequence number protocol (HL7 2.5.1 chapter 2.10.1): each sender (MSH-3, MSH-4) numbers its messages in MSH-13, and
// MSA-4 says which number is expected or was taken. 0 asks for the expected number, -1 starts anew.
// One book per source, shared by its reactors: a lock is taken only for messages that carry a number. It lives in memory: after
// a start, and for more senders than it has room for, a number is unknown, which the protocol has a word for (-1).
// Failure: none; what is no number counts as no number.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "stdlib/hl7/message.h"

namespace smarthl7::flow {

/// What MSH-13 of a message is against the last one that was taken from its sender.
struct SequenceRemark {
  enum class Kind : std::uint8_t {
    none,    // no number
    first,   // nothing is known of the sender
    next,    // as expected
    gap,     // ahead of what was expected
    repeat,  // not beyond the last one
    start,   // 0: the sender (re)starts the link
    reset,   // -1: the sender sets the numbers back
  } kind = Kind::none;
  std::int64_t number = 0;
  std::int64_t expected = -1;  // -1: any
};

class SequenceBook {
 public:
  [[nodiscard]] SequenceRemark look(const hl7::Message& message) const;
  /// The message is durable: its number is the sender's last one. A reset forgets the sender.
  void taken(const std::string& sender, const SequenceRemark& remark);
  [[nodiscard]] static std::string sender_of(const hl7::Message& message);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> last_;
};

/// Does the message only start or set back a sequence? With 0 or -1 nothing needs to follow MSH, or only empty fields. A
/// message that has content is one to be taken, whatever number it carries.
[[nodiscard]] bool is_link_message(const hl7::Message& message, const SequenceRemark& remark);

/// For the trace: what is remarkable about the number; empty if nothing is.
[[nodiscard]] std::string describe(const SequenceRemark& remark);

}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
// Continuation (HL7 chapter 2.10.2): a message that is too long is sent as several, each of which ends in DSC and is continued
// by the one whose MSH-14 is that pointer; a segment that is cut ends in an empty ADD, and the next message begins with ADD and
// the rest of it. split_message() cuts at the end of a segment where it can, else before a field, else between two characters.
// FragmentJoiner puts fragments together again, byte for byte. It owns copies of what it is given. One thread. Failure: an
// Error without content; after it a joiner is as new.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

/// The fragments, in order, each of at most `most` bytes; the message itself if it is not longer. The first keeps the message's
/// header; the others have its MSH-10 with a number (`ID-2`; `ID.2` where `-` is a delimiter; at most 20 characters) and that
/// in MSH-14.
[[nodiscard]] Result<std::vector<std::string>> split_message(const Message& message, std::size_t most);

/// Is this one a part of more: does it end in a DSC of a fragmentation, or continue another by MSH-14?
[[nodiscard]] bool is_fragment(const Message& message);

class FragmentJoiner {
 public:
  enum class Step : std::uint8_t { more, whole };
  explicit FragmentJoiner(std::size_t most_bytes = std::size_t{64} << 20U) : most_bytes_(most_bytes) {}

  /// The next fragment. An Error if it is not the one that was announced: another pointer, sender, receiver or type of message;
  /// a DSC that is not at the end; an ADD missing or not expected; more bytes than are taken.
  [[nodiscard]] Result<Step> add(const Message& fragment);
  /// The message, after Step::whole; the joiner is as new.
  [[nodiscard]] std::string take();
  /// Is there a beginning without its end?
  [[nodiscard]] bool waiting() const { return count_ > 0; }
  [[nodiscard]] std::uint32_t fragments() const { return count_; }

 private:
  [[nodiscard]] Result<Step> join(const Message& fragment);

  std::size_t most_bytes_;
  std::string whole_;
  std::string pointer_;  // that the next one must continue; empty: there is no next one
  std::string address_;  // MSH-3 to 6 and 9 to 12 of the first
  bool cut_segment_ = false;
  std::uint32_t count_ = 0;
};

}  // namespace smarthl7::hl7

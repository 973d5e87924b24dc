// SPDX-License-Identifier: Apache-2.0
// Finding: one thing that is wrong with a message, in the terms of an HL7 ERR segment. The text says what was expected and
// never holds a value of the message. Value type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

enum class Severity : std::uint8_t { error, warning, information };  // table 0516: E, W, I

/// Error conditions of table 0357.
namespace condition {
inline constexpr std::uint16_t kAccepted = 0;
inline constexpr std::uint16_t kSegmentSequence = 100;
inline constexpr std::uint16_t kRequiredFieldMissing = 101;
inline constexpr std::uint16_t kDataType = 102;
inline constexpr std::uint16_t kTableValue = 103;
inline constexpr std::uint16_t kValueTooLong = 104;
inline constexpr std::uint16_t kMessageType = 200;
inline constexpr std::uint16_t kEventCode = 201;
inline constexpr std::uint16_t kProcessingId = 202;
inline constexpr std::uint16_t kVersionId = 203;
inline constexpr std::uint16_t kUnknownKey = 204;
inline constexpr std::uint16_t kDuplicateKey = 205;
inline constexpr std::uint16_t kRecordLocked = 206;
inline constexpr std::uint16_t kInternalError = 207;
}  // namespace condition

/// "Segment sequence error" for 100; "Application error" for a number that the table does not have.
[[nodiscard]] std::string_view condition_text(std::uint16_t code);

struct Finding {
  Severity severity = Severity::error;
  Location location = {};         // segment is kNoSegment where the segment itself is missing
  std::string segment_name = {};  // "PID"; empty if the finding is about no segment
  std::uint16_t sequence = 0;     // which segment of that name, 1-based; 0 where not known
  std::uint16_t code = condition::kDataType;
  std::string text = {};  // what was expected

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A finding about a place of a message, with name and sequence of its segment.
[[nodiscard]] Finding finding_at(const Message& message, const Location& location, Severity severity, std::uint16_t code,
                                 std::string text);

}  // namespace smarthl7::hl7

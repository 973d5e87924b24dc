// SPDX-License-Identifier: Apache-2.0
// Finding: one thing that is wrong with a message, in the terms of an HL7 ERR segment and of people: severity, the rule that
// it is about, the place (as ERR-2 has it, and as a path with its groups), code of table 0357, and what was expected. It never
// holds a value of the message. Value type; made only when something is wrong, so that a clean message costs nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/hl7/finding_rule.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

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
  Rule rule = Rule::other;
  std::uint16_t table = 0;  // of a finding about a code: the table's number
  /// As people write it: "PATIENT_RESULT.ORDER_OBSERVATION[2].OBSERVATION.OBX-5[1].2". Groups where the structure is known; an
  /// index where there are several of a kind; of a field, where it may repeat.
  std::string path = {};

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A finding about a place of a message, with name and sequence of its segment.
[[nodiscard]] Finding finding_at(const Message& message, const Location& location, Severity severity, std::uint16_t code,
                                 std::string text);

/// ERR-2's components: "OBX^3^5^1^2" (segment id, sequence, field, repetition, component, subcomponent; what is 0 at the end is
/// left out). Before 2.5, ERR-1 holds the first three.
[[nodiscard]] std::string err_location(const Finding& finding, char separator = '^');
/// "-5[1].2.1": the part of a path after the segment.
[[nodiscard]] std::string path_in_segment(const Location& location);

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/finding.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace smarthl7::hl7 {

std::string_view condition_text(std::uint16_t code) {
  switch (code) {
    case condition::kAccepted: return "Message accepted";
    case condition::kSegmentSequence: return "Segment sequence error";
    case condition::kRequiredFieldMissing: return "Required field missing";
    case condition::kDataType: return "Data type error";
    case condition::kTableValue: return "Table value not found";
    case condition::kValueTooLong: return "Value too long";
    case condition::kMessageType: return "Unsupported message type";
    case condition::kEventCode: return "Unsupported event code";
    case condition::kProcessingId: return "Unsupported processing id";
    case condition::kVersionId: return "Unsupported version id";
    case condition::kUnknownKey: return "Unknown key identifier";
    case condition::kDuplicateKey: return "Duplicate key identifier";
    case condition::kRecordLocked: return "Application record locked";
    case condition::kInternalError: return "Application internal error";
    default: return "Application error";
  }
}

Finding finding_at(const Message& message, const Location& location, Severity severity, std::uint16_t code, std::string text) {
  Finding finding;
  finding.severity = severity;
  finding.location = location;
  finding.code = code;
  finding.text = std::move(text);
  if (location.segment >= message.segment_count()) return finding;
  const SegmentView segment = message.segment(location.segment);
  finding.segment_name = segment.name().substr(0, 3);
  for (std::uint32_t index = 0; index <= location.segment; ++index) {
    if (message.segment_key(index) == segment.key() && (segment.key() != 0 || index == location.segment)) ++finding.sequence;
  }
  finding.path = finding.segment_name;
  if (finding.sequence > 1 || message.count(finding.segment_name) > 1) finding.path += fmt::format("[{}]", finding.sequence);
  finding.path += path_in_segment(location);
  return finding;
}

std::string path_in_segment(const Location& location) {
  if (location.field == 0) return {};
  std::string path = fmt::format("-{}", location.field);
  if (location.repetition > 0) path += fmt::format("[{}]", location.repetition);
  if (location.component > 0) path += fmt::format(".{}", location.component);
  if (location.subcomponent > 0) path += fmt::format(".{}", location.subcomponent);
  return path;
}

std::string err_location(const Finding& finding, char separator) {
  const Location& place = finding.location;
  const std::array<std::uint16_t, 5> numbers = {finding.sequence, place.field, place.repetition, place.component,
                                                place.subcomponent};
  std::size_t count = numbers.size();
  while (count > 0 && numbers[count - 1] == 0) --count;
  std::string text = finding.segment_name;
  for (std::size_t at = 0; at < count; ++at) {
    text += separator;
    if (numbers[at] != 0) text += fmt::format("{}", numbers[at]);
  }
  return text;
}

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/finding.h"

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
  Finding finding{severity, location, {}, 0, code, std::move(text)};
  if (location.segment >= message.segment_count()) return finding;
  const SegmentView segment = message.segment(location.segment);
  finding.segment_name = segment.name().substr(0, 3);
  for (std::uint32_t index = 0; index <= location.segment; ++index) {
    if (message.segment_key(index) == segment.key() && (segment.key() != 0 || index == location.segment)) ++finding.sequence;
  }
  return finding;
}

}  // namespace smarthl7::hl7

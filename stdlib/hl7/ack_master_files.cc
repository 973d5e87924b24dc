// SPDX-License-Identifier: Apache-2.0
// MFK: the application's answer to a master file notification (chapter 8.4.1; segments MFI 8.5.1, MFE 8.5.2, MFA 8.5.3).
#include <algorithm>
#include <string>
#include <vector>

#include "stdlib/hl7/ack_writer.h"

namespace smarthl7::hl7 {
namespace {

constexpr NameKey kMfe = name_key("MFE");

/// Does MFI-6 (table 0179) ask for an MFA with this outcome? Without a value: always.
[[nodiscard]] bool wants_record(std::string_view level, bool posted) {
  if (level == "NE") return false;
  if (level == "ER") return !posted;
  if (level == "SU") return posted;
  return true;
}

[[nodiscard]] std::string record_result(bool posted, const Finding* finding, const AckWriter& writer, char component) {
  if (posted) return "S";
  const std::string_view text = finding != nullptr ? condition_text(finding->code) : "not posted: the message was refused";
  return AckWriter::join({"U", writer.encoded(text)}, component);
}

}  // namespace

void build_application_ack(const Message& message, const AckContent& content, std::string& out) {
  const auto mfi = message.find("MFI");
  if (message.message_code() != "MFN" || !mfi) return build_ack(message, content, out);
  const Delimiters& delimiters = message.delimiters();
  const AckForm form = ack_form(message.version());
  const std::string type = AckWriter::join(
      {"MFK", std::string(message.trigger_event()), std::string(form.structure ? "MFK_M01" : "")}, delimiters.component);
  write_answer_header(message, content, type, out);
  write_answer_body(message, content, out);
  out.append(message.segment(*mfi).raw());
  out.push_back('\r');

  // One pass over segments and one over findings: the first error of each MFE and what follows it.
  std::vector<std::uint32_t> records;
  for (std::uint32_t segment = *mfi + 1; segment < message.segment_count(); ++segment)
    if (message.segment_key(segment) == kMfe) records.push_back(segment);
  std::vector<const Finding*> first(records.size(), nullptr);
  for (const Finding& finding : content.findings) {
    if (finding.severity != Severity::error || finding.location.segment == kNoSegment) continue;
    const auto after = std::upper_bound(records.begin(), records.end(), finding.location.segment);
    if (after == records.begin()) continue;
    const Finding*& one = first[static_cast<std::size_t>(after - records.begin()) - 1];
    if (one == nullptr) one = &finding;
  }

  const bool posted = content.code == AckCode::aa;
  const std::string_view level = message.segment(*mfi).field(6).text();
  AckWriter writer(delimiters, out);
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!wants_record(level, posted)) continue;
    const SegmentView record = message.segment(records[i]);
    writer.begin("MFA");
    writer.raw(record.raw_field(1)).raw(record.raw_field(2)).text(posted ? content.timestamp : std::string_view());
    writer.raw(record_result(posted, first[i], writer, delimiters.component));
    writer.raw(record.raw_field(4)).raw(form.key_types ? record.raw_field(5) : std::string_view());
    writer.end();
  }
}

}  // namespace smarthl7::hl7

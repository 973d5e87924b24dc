// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/acknowledger.h"

#include <string>

#include "runtime/flow/control_id.h"
#include "stdlib/hl7/missing_header.h"
#include "stdlib/route/ack.h"

namespace smarthl7::flow {

namespace {

constexpr std::string_view kVersionWithoutHeader = "2.5.1";
constexpr char kBetweenAnswers = '\x1C';  // ends a frame, so no message holds it
}  // namespace

std::pair<std::string_view, std::string_view> split_answers(std::string_view here) {
  const auto end = here.find(kBetweenAnswers);
  if (end == std::string_view::npos) return {here, {}};
  return {here.substr(0, end), here.substr(end + 1)};
}

Answers Acknowledger::acknowledge(const hl7::Message& message, const Case& what) {
  route::AckAnswers due = route::ack_answers(message, what.verdict);
  if (what.only_commit) due.application.reset();
  Answers answers;
  if (!due.commit && !due.application) return answers;
  const std::string time = to_hl7_timestamp(clock_.wall());
  hl7::AckContent content;
  content.timestamp = time;
  content.expected_sequence = what.expected_sequence;
  content.charset = what.charset;
  const bool enhanced = hl7::is_enhanced_mode(message);
  if (enhanced) content.accept_ack = content.application_ack = "NE";

  std::string here;
  here.reserve(256);
  if (due.commit) {
    const std::string id = new_control_id(random_);
    content.code = *due.commit;
    content.control_id = id;
    // A commit that succeeded speaks of storing only; what is wrong with the content says the application.
    if (!due.application) content.findings = what.findings;
    hl7::build_ack(message, content, here);
    answers.commit = true;
  }
  if (due.application) {
    const bool elsewhere = what.elsewhere && enhanced;
    const std::string id =
        enhanced ? derived_control_id(message.bytes(), "application acknowledgement") : new_control_id(random_);
    content.code = *due.application;
    content.control_id = id;
    content.findings = what.findings;
    if (elsewhere) content.accept_ack = "AL";  // sent until its commit acknowledgement has come
    std::string other;
    std::string& out = elsewhere ? other : here;
    if (!out.empty()) out.push_back(kBetweenAnswers);
    hl7::build_application_ack(message, content, out);
    if (elsewhere) answers.elsewhere = SharedBytes(std::move(other));
  }
  if (!here.empty()) answers.here = SharedBytes(std::move(here));
  return answers;
}

Answers Acknowledger::cannot_store(const hl7::Message& message) {
  hl7::Finding finding;
  finding.code = hl7::condition::kInternalError;
  finding.text = "the message could not be stored; please send it again later";
  Case what;
  what.verdict = hl7::Verdict::not_now;
  what.findings = std::span<const hl7::Finding>(&finding, 1);
  return acknowledge(message, what);
}

SharedBytes Acknowledger::no_header(std::string_view bytes) {
  hl7::Finding finding;
  finding.code = hl7::condition::kSegmentSequence;
  finding.text = hl7::missing_header_text(bytes);
  const std::string time = to_hl7_timestamp(clock_.wall());
  const std::string id = new_control_id(random_);
  hl7::AckContent content;
  content.code = hl7::AckCode::ar;
  content.timestamp = time;
  content.control_id = id;
  content.findings = std::span<const hl7::Finding>(&finding, 1);
  std::string out;
  hl7::build_ack_without_header(kVersionWithoutHeader, content, out);
  return SharedBytes(std::move(out));
}

hl7::Finding header_finding(const hl7::Message& message, std::uint16_t code, std::uint16_t field, std::string text) {
  hl7::Location location;
  location.segment = 0;
  location.field = field;
  return hl7::finding_at(message, location, hl7::Severity::error, code, std::move(text));
}

}  // namespace smarthl7::flow

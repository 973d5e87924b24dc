// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/answer.h"

#include <charconv>

#include "stdlib/base/assert.h"

namespace smarthl7::flow {

namespace {

enum class Finer : std::uint8_t { silent, for_good, for_now };

/// What the error conditions of an answer say: 100-104 and 200-205 will not get better, 206 and 207 may.
Finer finer(const std::vector<std::string>& codes) {
  Finer result = Finer::silent;
  for (const std::string& text : codes) {
    unsigned code = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), code);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) continue;
    if ((code >= 100 && code <= 104) || (code >= 200 && code <= 205)) return Finer::for_good;
    if (code == 206 || code == 207) result = Finer::for_now;
  }
  return result;
}

AnswerKind by_policy(plan::Refusal refusal, AnswerKind otherwise) {
  switch (refusal) {
    case plan::Refusal::by_default: return otherwise;
    case plan::Refusal::for_good: return AnswerKind::refused_for_good;
    case plan::Refusal::for_now: return AnswerKind::refused_for_now;
  }
  SMARTHL7_UNREACHABLE("a refusal of no kind");
}

}  // namespace

AnswerKind kind_of(const hl7::Ack& ack, const AnswerPolicy& policy) {
  const bool error = *ack.code == hl7::AckCode::ae || *ack.code == hl7::AckCode::ce;
  const bool reject = *ack.code == hl7::AckCode::ar || *ack.code == hl7::AckCode::cr;
  if (!error && !reject) return AnswerKind::accepted;
  switch (finer(ack.error_codes)) {
    case Finer::for_good: return AnswerKind::refused_for_good;
    case Finer::for_now: return AnswerKind::refused_for_now;
    case Finer::silent: break;
  }
  return error ? by_policy(policy.on_ae, AnswerKind::refused) : by_policy(policy.on_ar, AnswerKind::refused_for_now);
}

bool is_own(std::string_view answered, std::string_view sent, const AnswerPolicy& policy) {
  switch (policy.match) {
    case plan::Match::id: return answered == sent;
    case plan::Match::id_prefix: return answered.substr(0, policy.match_prefix) == sent.substr(0, policy.match_prefix);
    case plan::Match::order: return true;
  }
  SMARTHL7_UNREACHABLE("a match of no kind");
}

std::string detail_of(const hl7::Ack& ack) {
  std::string detail(hl7::name_of(*ack.code));
  for (const std::string& code : ack.error_codes) detail += " " + code;
  if (!ack.text.empty()) detail += ": " + ack.text;
  return detail;
}

std::string_view name_of(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::accepted: return "accepted";
    case AnswerKind::refused: return "refused";
    case AnswerKind::refused_for_good: return "refused for good";
    case AnswerKind::refused_for_now: return "refused for now";
    case AnswerKind::mismatched: return "mismatched answer";
    case AnswerKind::garbage: return "not an answer";
    case AnswerKind::none: return "unanswered";
  }
  SMARTHL7_UNREACHABLE("an answer of no kind");
}

Answer classify(std::string_view bytes, std::string_view control_id, const AnswerPolicy& policy) {
  Answer answer;
  const Result<hl7::Ack> ack = hl7::parse_ack(bytes);
  if (!ack || !ack->code) {
    answer.kind = AnswerKind::garbage;
    answer.detail = ack ? "MSA-1 is not a code of table 0008" : ack.error().text;
    return answer;
  }
  answer.code = hl7::name_of(*ack->code);
  answer.detail = detail_of(*ack);
  answer.kind = is_own(ack->control_id, control_id, policy) ? kind_of(*ack, policy) : AnswerKind::mismatched;
  return answer;
}

std::string_view control_id_of(std::string_view message) {
  if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
  message = message.substr(0, message.find_first_of("\r\n"));
  if (message.size() < 4) return {};
  const char separator = message[3];
  // MSH-1 is the separator itself, so MSH-10 follows the ninth one.
  for (int i = 0; i < 9; ++i) {
    const auto at = message.find(separator);
    if (at == std::string_view::npos) return {};
    message.remove_prefix(at + 1);
  }
  return message.substr(0, message.find(separator));
}

}  // namespace smarthl7::flow

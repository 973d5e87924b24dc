// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/answer_batch.h"

#include <fmt/format.h>

#include "stdlib/hl7/batch.h"

namespace smarthl7::flow {

namespace {

constexpr std::size_t kMostDetails = 5;
constexpr int kControlId = 11;
constexpr int kReference = 12;

/// FHS-n and BHS-n count as MSH-n does: the first field is the separator itself.
std::string_view field_of(std::string_view line, int number) {
  line = line.substr(0, line.find_first_of("\r\n"));
  if (line.size() < 4) return {};
  const char separator = line[3];
  for (int i = 1; i < number; ++i) {
    const auto at = line.find(separator);
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + 1);
  }
  return line.substr(0, line.find(separator));
}

/// Of BHS, or of FHS where there is no batch header.
std::string_view header_of(std::string_view batch, int number) {
  const auto without_breaks = [](std::string_view text) {
    while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) text.remove_prefix(1);
    return text;
  };
  if (batch.starts_with("\xEF\xBB\xBF")) batch.remove_prefix(3);
  const std::string_view first = without_breaks(batch);
  if (first.starts_with("BHS")) return field_of(first, number);
  const auto end = first.find_first_of("\r\n");
  const std::string_view second = end == std::string_view::npos ? std::string_view() : without_breaks(first.substr(end));
  return field_of(second.starts_with("BHS") ? second : first, number);
}

Answer garbage(std::string detail) {
  Answer answer;
  answer.kind = AnswerKind::garbage;
  answer.detail = std::move(detail);
  return answer;
}

}  // namespace

std::string_view batch_id_of(std::string_view batch) { return header_of(batch, kControlId); }

Answer classify_batch(std::string_view bytes, std::string_view batch_id, const AnswerPolicy& policy) {
  if (!hl7::begins_batch(bytes)) return classify(bytes, batch_id, policy);  // one acknowledgement of the whole
  hl7::BatchReader reader(bytes);
  hl7::BatchItem item;
  std::size_t answers = 0;
  std::size_t refused = 0;
  std::size_t later = 0;  // of them, those that may be taken another time
  std::string details;
  while (reader.next(item) == hl7::BatchReader::Step::message) {
    const Result<hl7::Ack> ack = hl7::parse_ack(item.bytes);
    if (!ack || !ack->code) return garbage("an answer in the batch is none");
    ++answers;
    const AnswerKind kind = kind_of(*ack, policy);
    if (kind == AnswerKind::accepted) continue;
    if (kind == AnswerKind::refused_for_now) ++later;
    if (++refused <= kMostDetails) details += fmt::format("{}{}: {}", details.empty() ? "" : "; ", answers, detail_of(*ack));
  }
  const std::string_view reference = header_of(bytes, kReference);
  Answer answer;
  answer.code = refused == 0 ? "AA" : "AE";
  answer.detail = refused == 0 ? fmt::format("a batch of {} answers", answers)
                               : fmt::format("{} of {} answers refuse: {}", refused, answers, details);
  if (!is_own(reference, batch_id, policy)) {
    answer.kind = AnswerKind::mismatched;
  } else if (refused == 0) {
    answer.kind = AnswerKind::accepted;
  } else {
    answer.kind = refused == later && later == answers ? AnswerKind::refused_for_now : AnswerKind::refused_for_good;
  }
  return answer;
}

}  // namespace smarthl7::flow

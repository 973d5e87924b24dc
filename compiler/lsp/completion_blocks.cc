// SPDX-License-Identifier: Apache-2.0
// What is offered inside of alerts, redactions and tables: metrics with their forms, methods with their options, columns.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lsp/completer.h"
#include "compiler/lsp/features.h"
#include "compiler/lsp/uri.h"
#include "stdlib/hl7/phi_method.h"
#include "stdlib/hl7/redaction_rules.h"
#include "stdlib/route/metrics.h"
#include "stdlib/tables/csv.h"

namespace smarthl7::lsp {

using syntax::DeclKind;

namespace {

constexpr std::array<std::string_view, 3> kPercentiles = {"p50", "p95", "p99"};

bool is_percentile(std::string_view word) {
  return word.size() > 1 && word.front() == 'p' &&
         std::ranges::all_of(word.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

struct MethodOption {
  hl7::PhiMethod method;
  std::string_view text;  // a snippet
  std::string_view doc;
};
constexpr MethodOption kMethodOptions[] = {
    {hl7::PhiMethod::mask, "keep ${1:4}", "the last characters stay; `keep shape`: letters and digits as such"},
    {hl7::PhiMethod::hash, "key secret ${1:name}", "the secret that the code is made with"},
    {hl7::PhiMethod::hash, "length ${1:16}", "how many characters of the code"},
    {hl7::PhiMethod::shift, "days by key ${1:PID-3.1}", "whose dates move together"},
    {hl7::PhiMethod::shift, "range ${1:365d}", "how far at most"},
    {hl7::PhiMethod::shift, "secret ${1:name}", "the same distances in every hub that has the secret"},
    {hl7::PhiMethod::synthetic, "key secret ${1:name}", "the same made-up values in every hub that has the secret"},
};

}  // namespace

/// `when p99 of delivery_time in results > 60s for 5m`, `when queued of mercy > 1000`, `notify oncall`.
void Completer::alert_item() {
  if (before_.empty()) return words(syntax::alert_words());
  if (before_.front() == "notify") return names({DeclKind::contact});
  const std::string_view last = before_.back();
  const bool of_percentile = last == "of" && before_.size() > 1 && is_percentile(before_[before_.size() - 2]);
  if (last == "when" || of_percentile) {
    for (const route::Metric& metric : route::all_metrics()) {
      const auto offer = [&](std::string label) {
        add({.label = label,
             .kind = Offer::value,
             .detail = std::string(route::name_of(metric.unit)),
             .documentation = fmt::format("{}\n\n`{}`", metric.doc, metric.example)});
      };
      if (metric.quantiles && !of_percentile)
        for (const std::string_view percentile : kPercentiles) offer(fmt::format("{} of {}", percentile, metric.name));
      if (metric.quantiles == of_percentile) offer(std::string(metric.name));
    }
    return;
  }
  if (last == "in") return names({DeclKind::flow});
  if (last == "of") return names({DeclKind::destination});
  // The metric stands there: where it is measured, then how long it must last.
  const bool placed = std::ranges::find(before_, "in") != before_.end() ||
                      std::ranges::count(before_, "of") > (is_percentile(before_[1]) ? 1 : 0);
  if (placed) return words(std::array<std::string_view, 1>{"for"});
  const route::Metric* metric = route::find_metric(last);
  if (metric == nullptr || metric->of_flow) words(std::array<std::string_view, 1>{"in"});
  if (metric == nullptr || metric->of_destination) words(std::array<std::string_view, 1>{"of"});
}

/// `PID-5 mask keep 4`, `labels name, street`, `labels date  shift days by key PID-3.1`.
void Completer::redaction_item() {
  const bool labels = !before_.empty() && before_.front() == "labels";
  const std::string_view last = before_.empty() ? std::string_view{} : before_.back();
  if (before_.empty() || (last == "," && !labels)) {
    nodes({});
    if (before_.empty()) add({.label = "labels", .kind = Offer::keyword, .detail = "every place with these labels"});
    return;
  }
  if (last == "labels" || (last == "," && labels)) {
    for (const hl7::RedactionLabel& label : hl7::redaction_labels()) add({.label = label.word, .kind = Offer::enum_member});
    return;
  }
  if (last == "secret") return names({DeclKind::secret});
  if (last == "keep") return add({.label = "shape", .kind = Offer::keyword});
  if (last == "key" && before_.size() > 1 && before_[before_.size() - 2] == "by") return nodes({});
  if (last == "days") return words(std::array<std::string_view, 1>{"by"});
  if (last == "by") return add({.label = "key", .kind = Offer::keyword});
  for (const std::string_view word : before_) {
    const auto method = hl7::phi_method(word);
    if (!method) continue;
    for (const MethodOption& option : kMethodOptions) {
      const std::string_view name = option.text.substr(0, option.text.find(' '));
      if (option.method != *method || std::ranges::find(before_, name) != before_.end()) continue;
      add({.label = name,
           .kind = Offer::property,
           .detail = std::string(option.doc),
           .insert = std::string(option.text),
           .snippet = true});
    }
    return;
  }
  for (const hl7::PhiMethodRow& row : hl7::phi_methods()) {
    if (row.method == hl7::PhiMethod::keep || row.method == hl7::PhiMethod::mask_part) continue;
    add({.label = row.word, .kind = Offer::keyword, .detail = std::string(row.leaves)});
  }
}

/// Those of the table's file: the head of the declaration names it, and the check need not have come so far.
void Completer::columns() {
  const std::string_view head = scene_.spot().blocks.front().head;
  const std::size_t begin = head.find('"');
  const std::size_t end = begin == std::string_view::npos ? begin : head.find('"', begin + 1);
  if (end == std::string_view::npos) return;
  const std::string folder = folder_of(view_.tree.source->path());
  const std::string name(head.substr(begin + 1, end - begin - 1));
  const auto bytes = view_.analysis.files.read(folder.empty() ? name : folder + "/" + name);
  if (!bytes) return;
  const auto rows = tables::parse_csv(*bytes);
  if (!rows || rows->empty()) return;
  for (const std::string& column : rows->front().cells) add({.label = column, .kind = Offer::field});
}

}  // namespace smarthl7::lsp

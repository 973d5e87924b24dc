// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/check/options.h"
#include "compiler/check/phi_values.h"
#include "compiler/check/values.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {

using diag::Code;

namespace {

constexpr std::array<std::string_view, 4> kContactOptions = {"email", "phone", "page", "note"};

bool fits(const route::Metric& metric, bool of_destination) { return of_destination ? metric.of_destination : metric.of_flow; }

class AlertChecker {
 public:
  explicit AlertChecker(Context& context) : context_(context) {}

  void check(const syntax::AlertDecl& alert) {
    if (alert.conditions.empty() && !alert.poisoned) {
      context_.sink.report(Code::E0533, alert.name->span, fmt::format("the alert `{}` watches nothing", alert.name->text),
                           "say when: `when queued of DESTINATION > 1000 for 10m`");
    }
    for (const syntax::AlertCondition* condition : alert.conditions) {
      if (!condition->poisoned) check(*condition);
    }
    if (alert.notify.empty() && !alert.poisoned) {
      context_.sink.report(Code::E0533, alert.name->span, fmt::format("the alert `{}` tells nobody", alert.name->text),
                           "add `notify CONTACT`, and a `contact` with an address");
    }
    std::set<std::string_view> seen;
    for (const syntax::Name* contact : alert.notify) {
      if (!seen.insert(contact->text).second)
        context_.sink.report(Code::E0704, contact->span, fmt::format("`{}` is named twice", contact->text));
    }
  }

  void check(const syntax::ContactDecl& contact) {
    if (contact.options == nullptr) return;
    bool reached = false;
    std::set<std::string_view> given;
    for (const syntax::Option* option : contact.options->options) {
      if (option->name == nullptr || option->poisoned) {
        reached = true;
        continue;
      }
      const std::string_view name = option->name->text;
      if (std::ranges::find(kContactOptions, name) == kContactOptions.end()) {
        unknown(*option->name);
        reached = true;
        continue;
      }
      if (!given.insert(name).second)
        context_.sink.report(Code::E0704, option->name->span, fmt::format("`{}` is given twice", name));
      reached = reached || name != "note";
      read(*option);
    }
    if (!reached && !contact.poisoned) {
      context_.sink.report(Code::E0533, contact.name->span, fmt::format("the contact `{}` has no address", contact.name->text),
                           "say how to reach it: `email`, `phone` or `page`");
    }
  }

 private:
  void unknown(const syntax::Name& name) {
    diag::Diagnostic diagnostic{
        .code = Code::E0701, .span = name.span, .message = fmt::format("a contact has no option `{}`", name.text)};
    if (const auto near = diag::suggest(name.text, kContactOptions)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(name.span, std::string(*near)));
    } else {
      diagnostic.help = fmt::format("its options are {}", fmt::join(kContactOptions, ", "));
    }
    context_.sink.report(std::move(diagnostic));
  }

  void read(const syntax::Option& option) {
    const std::string_view name = option.name->text;
    const bool is_email = name == "email";
    const std::string example = is_email ? "email \"oncall@hub.example\"" : fmt::format("{} \"...\"", name);
    if (option.connective != syntax::Connective::none) {
      context_.sink.report(Code::E0705, option.span,
                           fmt::format("`{}` takes its value without `{}`", name, spelling(option.connective)),
                           fmt::format("write it as in `{}`", example));
      return;
    }
    const syntax::Expr* value = single_value(context_, option, example);
    if (value == nullptr || !is_constant(*value)) return;  // a path in it: the check of patient data says so
    const auto text = read_literal(context_, "an address", *value);
    if (!text) return;
    const std::size_t at = text->find('@');
    const bool email = at != std::string_view::npos && at > 0 && at + 1 < text->size() && text->rfind('@') == at &&
                       text->find_first_of(" \t") == std::string_view::npos;
    const bool page = is_url(*text);
    if (text->find_first_not_of(' ') == std::string_view::npos || (is_email && !email) || (name == "page" && !page)) {
      context_.sink.report(Code::E0702, value->span,
                           is_email         ? "this is no email address"
                           : name == "page" ? "this is no URL"
                                            : fmt::format("`{}` is empty", name),
                           fmt::format("write it as in `{}`", name == "page" ? "page \"https://pager.example/hub\"" : example));
    }
  }

  void check(const syntax::AlertCondition& condition) {
    if (condition.metric == nullptr) return;
    const route::Metric* metric = route::find_metric(condition.metric->text);
    if (metric == nullptr) return unknown_metric(condition);
    if (!fits(*metric, condition.of_destination)) {
      context_.sink.report(
          Code::E0531, condition.metric->span,
          fmt::format("`{}` is measured {}", metric->name,
                      condition.of_destination ? "in flows, not of destinations" : "of destinations, not in flows"),
          fmt::format("write it as in `{}`", metric->example));
      return;
    }
    if (metric->quantiles != (condition.quantile != nullptr)) {
      context_.sink.report(Code::E0532, condition.metric->span,
                           metric->quantiles ? fmt::format("`{}` is many values: say which share of them", metric->name)
                                             : fmt::format("`{}` is one value, and has no quantiles", metric->name),
                           fmt::format("write it as in `{}`", metric->example));
    } else if (condition.quantile != nullptr && !quantile_of(condition.quantile->text)) {
      context_.sink.report(Code::E0532, condition.quantile->span, fmt::format("`{}` is no quantile", condition.quantile->text),
                           "a quantile is `p1` to `p99`: `p99` is what 99 of 100 values do not exceed");
    }
    const syntax::Expr* value = condition.value;
    if (value != nullptr && !value->poisoned && !alert_value(*metric, *value)) {
      context_.sink.report(Code::E0532, value->span, fmt::format("`{}` is {}", metric->name, name_of(metric->unit)),
                           fmt::format("write it as in `{}`", metric->example));
    }
    if (condition.duration == nullptr || condition.duration->poisoned) return;
    const auto duration = read_duration(context_, "for", *condition.duration, metric->example);
    if (duration && *duration == 0)
      context_.sink.report(Code::E0702, condition.duration->span, "`for` says for how long it must last: more than no time");
  }

  void unknown_metric(const syntax::AlertCondition& condition) {
    std::vector<std::string_view> known;
    for (const route::Metric& metric : route::all_metrics()) {
      if (fits(metric, condition.of_destination)) known.push_back(metric.name);
    }
    diag::Diagnostic diagnostic{.code = Code::E0530,
                                .span = condition.metric->span,
                                .message = fmt::format("there is no metric `{}`", condition.metric->text)};
    if (const auto near = diag::suggest(condition.metric->text, known)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(condition.metric->span, std::string(*near)));
    } else {
      diagnostic.help = fmt::format("{} has {}", condition.of_destination ? "a destination" : "a flow", fmt::join(known, ", "));
    }
    context_.sink.report(std::move(diagnostic));
  }

  Context& context_;
};

}  // namespace

std::optional<std::uint64_t> alert_value(const route::Metric& metric, const syntax::Expr& value) {
  const auto* unit = value.try_as<syntax::UnitExpr>();
  const auto* number = value.try_as<syntax::NumberExpr>();
  switch (metric.unit) {
    case route::MetricUnit::duration: return unit != nullptr ? duration_micros(*unit) : std::nullopt;
    case route::MetricUnit::size: return unit != nullptr ? size_bytes(*unit) : std::nullopt;
    case route::MetricUnit::count:
    case route::MetricUnit::per_minute: return number != nullptr ? whole_number(number->text) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> quantile_of(std::string_view text) {
  if (!text.starts_with('p')) return std::nullopt;
  const auto number = whole_number(text.substr(1));
  if (!number || *number == 0 || *number > 99) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

void check_alerts(Context& context) {
  AlertChecker checker(context);
  for (const auto* contact : context.project.all<syntax::ContactDecl>()) checker.check(*contact);
  for (const auto* alert : context.project.all<syntax::AlertDecl>()) checker.check(*alert);
}

}  // namespace smarthl7::check

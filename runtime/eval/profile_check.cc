// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/profile_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "stdlib/hl7/validate_charset.h"

namespace smarthl7::eval {
namespace {

using plan::ExprOp;
using plan::Id;
using plan::kNone;

constexpr std::size_t kMostFindingsOfRule = 100;

class Run {
 public:
  Run(const Bound& bound, Interpreter& interpreter, const hl7::Validator& validator, const hl7::Placement& placement,
      hl7::Strictness strictness, std::vector<hl7::Finding>& findings, hl7::Tally& tally)
      : bound_(bound),
        interpreter_(interpreter),
        validator_(validator),
        placement_(placement),
        strictness_(strictness),
        findings_(findings),
        tally_(tally) {}

  void cardinalities(const plan::Message& message, const hl7::Structure& structure, const hl7::Placement& placement) {
    for (const plan::Cardinality& cardinality : message.cardinalities) {
      const hl7::StructureNode node = structure.node(cardinality.node);
      if (cardinality.min <= node.min()) continue;  // the placement has seen to that
      hl7::NodeIndex group = node.parent() ? node.parent().index() : hl7::NodeIndex{0};
      while (group != 0 && structure.node(group).kind() != hl7::NodeKind::group) group = structure.node(group).parent().index();
      for (hl7::InstanceId within = 0; within < placement.instance_count(); ++within) {
        if (placement.instance(within).node != group) continue;
        if (count(node, within, placement) < cardinality.min) missing(node, within);
      }
    }
  }

  /// True if the message breaks it, said or known already.
  bool rule(const plan::Rule& rule) {
    of_rule_ = 0;
    broken_ = false;
    switch (rule.kind) {
      case plan::RuleKind::require: require(rule); break;
      case plan::RuleKind::condition:
      case plan::RuleKind::rule: condition(rule, rule.condition); break;
    }
    return broken_;
  }

 private:
  static std::size_t count(const hl7::StructureNode& node, hl7::InstanceId within, const hl7::Placement& placement) {
    std::size_t found = 0;
    if (node.kind() == hl7::NodeKind::group) {
      for (auto at = placement.next_instance(node.index(), within); at != hl7::kNoInstance;
           at = placement.next_instance(node.index(), within, at + 1))
        ++found;
    } else {
      for (auto at = placement.next_segment(node.index(), within); at != hl7::kNoSegment;
           at = placement.next_segment(node.index(), within, at + 1))
        ++found;
    }
    return found;
  }

  /// Counts a finding; true if it is to be listed.
  [[nodiscard]] bool listed(hl7::Severity severity) {
    ++(severity == hl7::Severity::error ? tally_.errors : tally_.others);
    if (++of_rule_ <= kMostFindingsOfRule) return true;
    ++tally_.unlisted;
    return false;
  }

  void missing(const hl7::StructureNode& node, hl7::InstanceId within) {
    const auto severity = hl7::severity_of(hl7::Rule::site_cardinality, strictness_);
    if (!severity || !listed(*severity)) return;
    hl7::Finding finding = hl7::missing_in(interpreter_.message(), placement_, validator_.placer(), node.index(), within);
    finding.severity = *severity;
    finding.rule = hl7::Rule::site_cardinality;
    finding.code = hl7::condition::kSegmentSequence;
    finding.text = fmt::format("{} is required", node.name());
    findings_.push_back(std::move(finding));
  }

  /// What the standard's rules have found already is not said twice.
  [[nodiscard]] bool is_known(const hl7::Location& place, std::uint16_t code, hl7::Severity severity) const {
    const auto looked_at = std::span(findings_).first(std::min<std::size_t>(findings_.size(), 200));
    return std::ranges::any_of(looked_at, [&](const hl7::Finding& f) {
      return f.code == code && f.severity <= severity && f.location.segment == place.segment &&
             f.location.field == place.field &&
             std::max<std::uint16_t>(f.location.repetition, 1) == std::max<std::uint16_t>(place.repetition, 1) &&
             f.location.component == place.component;
    });
  }

  void add(const hl7::Location& place, std::uint16_t code, hl7::Rule rule, std::string text) {
    broken_ = true;
    const auto severity = hl7::severity_of(rule, strictness_);
    if (!severity || is_known(place, code, *severity) || !listed(*severity)) return;
    hl7::Finding finding;
    if (place.segment < interpreter_.message().segment_count()) {
      finding = hl7::finding_in(interpreter_.message(), placement_, validator_.placer(), place);
    }
    finding.location = place;
    finding.severity = *severity;
    finding.rule = rule;
    finding.code = code;
    finding.text = std::move(text);
    findings_.push_back(std::move(finding));
  }

  [[nodiscard]] std::string expectation(const plan::Rule& rule) const {
    if (const std::string_view text = bound_.text(rule.text); !text.empty()) return std::string(text);
    if (rule.path != kNone) return fmt::format("{} as agreed", bound_.text(bound_.plan().paths[rule.path].text));
    return "as agreed";
  }

  /// The path holds a value in every segment that it speaks of, and there is one.
  void require(const plan::Rule& rule) {
    const plan::Path& path = bound_.plan().paths[rule.path];
    const auto text = [&] { return fmt::format("{} is required", bound_.text(path.text)); };
    bool any = false;
    interpreter_.for_each_segment_of(rule.path, [&](std::uint32_t segment) {
      any = true;
      if (!interpreter_.present_in(rule.path, segment)) {
        add({segment, path.field, 0, path.component, path.subcomponent}, hl7::condition::kRequiredFieldMissing,
            hl7::Rule::site_required, text());
      }
      return true;
    });
    broken_ = broken_ || !any;
    const auto severity = hl7::severity_of(hl7::Rule::site_required, strictness_);
    if (any || !severity || !listed(*severity)) return;
    hl7::Finding finding;
    finding.severity = *severity;
    finding.rule = hl7::Rule::site_required;
    finding.segment_name = bound_.text(path.segment.name);
    finding.path = bound_.text(path.text);
    finding.code = hl7::condition::kRequiredFieldMissing;
    finding.text = text();
    findings_.push_back(std::move(finding));
  }

  /// What a finding about this condition is called in table 0357.
  [[nodiscard]] std::uint16_t code_of(Id condition) const {
    const plan::Expr& e = bound_.plan().exprs[condition];
    switch (e.op) {
      case ExprOp::in_list:
      case ExprOp::in_table: return hl7::condition::kTableValue;
      case ExprOp::present: return hl7::condition::kRequiredFieldMissing;
      case ExprOp::every_value:
      case ExprOp::every_scope: return code_of(e.b);
      default: return hl7::condition::kDataType;
    }
  }

  [[nodiscard]] static hl7::Rule rule_of(const plan::Rule& rule) {
    return rule.kind == plan::RuleKind::rule ? hl7::Rule::site_rule : hl7::Rule::site_condition;
  }

  void condition(const plan::Rule& rule, Id id) {
    const plan::Expr& e = bound_.plan().exprs[id];
    if (e.op == ExprOp::every_value) {
      interpreter_.for_each_place(e.a, [&](const hl7::Location& place) {
        const builtins::Value value = interpreter_.read(place);
        if (!value.absent() && !interpreter_.holds_for(e.b, value)) add(place, code_of(e.b), rule_of(rule), expectation(rule));
        return true;
      });
    } else if (e.op == ExprOp::every_scope) {
      interpreter_.for_each_in_scope(e.a, [&] {
        condition(rule, e.b);
        return true;
      });
    } else if (!interpreter_.holds(id)) {
      add(place_of(rule, id), code_of(id), rule_of(rule), expectation(rule));
    }
  }

  /// Where a condition that does not hold points at: its path, else the segment that it stands on.
  [[nodiscard]] hl7::Location place_of(const plan::Rule& rule, Id condition) {
    const plan::Expr& e = bound_.plan().exprs[condition];
    const bool tests_path = e.op == ExprOp::present || e.op == ExprOp::is_absent || e.op == ExprOp::is_null;
    const Id path = tests_path ? e.a : rule.path;
    hl7::Location place;
    place.segment = interpreter_.top().segment;
    if (path != kNone) {
      interpreter_.for_each_place(path, [&](const hl7::Location& at) {
        place = at;
        return false;
      });
    }
    return place;
  }

  const Bound& bound_;
  Interpreter& interpreter_;
  const hl7::Validator& validator_;
  const hl7::Placement& placement_;
  const hl7::Strictness strictness_;
  std::vector<hl7::Finding>& findings_;
  hl7::Tally& tally_;
  std::size_t of_rule_ = 0;  // findings of the rule at hand
  bool broken_ = false;
};

}  // namespace

hl7::Tally check_profile(const Bound& bound, Interpreter& interpreter, Stage& stage, Id id, hl7::Strictness strictness,
                         std::vector<hl7::Finding>& findings) {
  const plan::Message& message = bound.plan().messages[id];
  const hl7::Validator& validator = bound.validator(id);
  const hl7::Placement& placement = stage.placement(id);
  hl7::Tally tally = validator.check(stage.message(), placement, findings, {.strictness = strictness});
  // Bytes that the message's character set cannot hold are kept, and said.
  const hl7::Message* const received = stage.as_received();
  const hl7::TextEncoding& encoding = stage.encoding();
  if (received != nullptr && (stage.misfits() > 0 || !hl7::can_carry_messages(encoding.base))) {
    hl7::check_bytes(*received, encoding, placement, validator.placer(), strictness, findings, tally);
  }
  interpreter.look_at(stage, id);
  Run run(bound, interpreter, validator, placement, strictness, findings, tally);
  run.cardinalities(message, validator.placer().structure(), placement);
  for (std::size_t i = 0; i < message.rules.size(); ++i) {
    const bool broken = run.rule(message.rules[i]);
    if (Recorder* const recorder = bound.recorder()) {
      Recorder::Counts& counts = recorder->rules[id][i];
      ++counts.checked;
      counts.broken += broken ? 1U : 0U;
    }
  }
  return tally;
}

}  // namespace smarthl7::eval

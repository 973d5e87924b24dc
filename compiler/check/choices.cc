// SPDX-License-Identifier: Apache-2.0
// The choices of a flow: when, route, fanout.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "compiler/check/expressions.h"
#include "compiler/check/flow_checker.h"
#include "compiler/check/shadow.h"

namespace smarthl7::check {

using diag::Code;

namespace {

source::Span word_span(const syntax::Node& node, std::size_t length) {
  return {node.span.file, node.span.begin, std::min(node.span.end, node.span.begin + static_cast<std::uint32_t>(length))};
}

bool is_word_type(const syntax::Expr* subject) {
  const auto* word = subject == nullptr ? nullptr : subject->try_as<syntax::NameExpr>();
  return word != nullptr && word->text == "type";
}

/// Counts the choices around while it lives.
class Depth {
 public:
  explicit Depth(int& depth) : depth_(++depth) {}
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  ~Depth() { --depth_; }

 private:
  int& depth_;
};

bool any_poisoned(syntax::List<syntax::Arm> arms) {
  return std::any_of(arms.begin(), arms.end(), [](const syntax::Arm* arm) {
    const bool broken_value = std::any_of(arm->values.begin(), arm->values.end(), [](const syntax::Expr* value) {
      return value->poisoned || value->kind == syntax::ExprKind::error;
    });
    return arm->poisoned || broken_value;
  });
}

/// What an arm of `route type` names.
struct TypePattern {
  std::string_view code;       // empty: any
  std::string_view trigger;    // empty: any
  std::string_view structure;  // empty: any
};

/// An event or a structure, not both in one; nothing for anything else.
std::optional<TypePattern> type_pattern(const syntax::Expr& value) {
  if (const auto* event = value.try_as<syntax::EventExpr>()) {
    if (!event->structure.empty()) return std::nullopt;
    return TypePattern{event->code, event->trigger, {}};
  }
  const auto* path = value.try_as<syntax::PathExpr>();
  if (path == nullptr || !path->is_bare_word()) return std::nullopt;
  const std::string_view word = path->nodes.front().text;
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    if (hl7::version_at(i).structure(word)) return TypePattern{{}, {}, word};
  }
  return std::nullopt;
}

/// Is an accepted event certainly taken by the pattern?
bool takes(const TypePattern& pattern, const AcceptedEvent& event) {
  if (!pattern.code.empty() && pattern.code != event.code) return false;
  if (!pattern.trigger.empty() && pattern.trigger != event.trigger) return false;
  if (pattern.structure.empty() || pattern.structure == event.structure) return true;
  if (!event.structure.empty() || event.trigger.empty()) return false;
  bool known = false;
  for (std::size_t i = 0; i < hl7::version_count(); ++i) {
    const hl7::Structure structure = hl7::version_at(i).structure_for_event(event.code, event.trigger);
    if (structure && structure.name() != pattern.structure) return false;  // a version in which it is another structure
    known = known || static_cast<bool>(structure);
  }
  return known;
}

/// Can an accepted event be taken by it at all? `accept ADT` and the arm `ADT^A01`, say.
bool can_take(const TypePattern& pattern, const AcceptedEvent& event) {
  if (takes(pattern, event)) return true;
  const std::string_view code = pattern.code.empty() ? pattern.structure.substr(0, pattern.structure.find('_')) : pattern.code;
  const std::string_view accepted = event.code.empty() ? event.structure.substr(0, event.structure.find('_')) : event.code;
  return event.trigger.empty() && code == accepted;
}

}  // namespace

bool FlowChecker::hidden(const syntax::Arm& arm, const syntax::Node& value, std::string key,
                         std::vector<std::pair<std::string, source::Span>>& seen) {
  for (const auto& [earlier, span] : seen) {
    if (earlier != key) continue;
    context_.sink.report({.code = Code::E0505,
                          .span = value.span,
                          .message = fmt::format("an earlier arm takes every message for `{}`", context_.text(value.span)),
                          .secondary = {{span, "the earlier one"}},
                          .help = arm.values.size() > 1 ? "remove the value" : "remove the arm, or change what it asks for"});
    return true;
  }
  seen.emplace_back(std::move(key), value.span);
  return false;
}

void FlowChecker::hidden(const syntax::Expr& condition, Shadow& shadow) {
  const std::vector<const syntax::Expr*> earlier = shadow.hiding(condition);
  shadow.add(condition);
  if (earlier.empty()) return;
  diag::Diagnostic diagnostic{
      .code = Code::E0505,
      .span = condition.span,
      .message = fmt::format("{} every message for `{}`",
                             earlier.size() == 1 ? "an earlier arm takes" : "the earlier arms together take",
                             context_.text(condition.span)),
      .help = "remove the arm, change what it asks for, or move it before the other"};
  for (const syntax::Expr* one : earlier) {
    if (diagnostic.secondary.size() < 2)
      diagnostic.secondary.push_back({one->span, earlier.size() == 1 ? "the earlier one" : "one of them"});
  }
  context_.sink.report(std::move(diagnostic));
}

/// Reports an arm that stands after `otherwise`.
bool FlowChecker::after_otherwise(const syntax::Arm& arm, const syntax::Arm*& otherwise) {
  if (otherwise != nullptr) {
    context_.sink.report({.code = Code::E0505,
                          .span = arm.span,
                          .message = "no message reaches an arm after `otherwise`",
                          .secondary = {{word_span(*otherwise, 9), "takes all that is left"}},
                          .help = "make `otherwise` the last arm"});
    return true;
  }
  if (arm.otherwise) otherwise = &arm;
  return false;
}

Way FlowChecker::merged(const syntax::Step& step, std::vector<Way> ways, std::optional<Way> passes) {
  if (passes) ways.push_back(std::move(*passes));
  std::vector<Way> open;
  for (Way& way : ways) {
    if (!way.ended) open.push_back(std::move(way));
  }
  if (open.empty()) {
    Way done = ways.empty() ? Way{} : std::move(ways.front());
    done.ended = true;
    done.ender = step.span;
    return done;
  }
  Way result = open.front();
  std::erase_if(result.arms, [&step](const auto& arm) { return arm.first == step.id; });  // the choice is behind it
  for (std::size_t i = 1; i < open.size(); ++i) {
    Way& other = open[i];
    const bool known = result.state.type.kind != MessageType::Kind::error && other.state.type.kind != MessageType::Kind::error;
    const bool redacted = result.state.type.redacted || other.state.type.redacted;
    result.state.type.redacted = other.state.type.redacted = redacted;
    if (known && result.state.type != other.state.type) {
      context_.sink.report(
          Code::E0512, {step.span.file, step.span.begin, step.span.begin + 4},
          fmt::format("one arm gives a `{}`, another a `{}`", describe(result.state.type), describe(other.state.type)),
          "all arms that go on must give one type: deliver inside the arms, or validate before the choice");
      result.state.type.kind = MessageType::Kind::error;
    }
    if (!known) result.state.type.kind = MessageType::Kind::error;
    result.state.proofs = Proofs::both(result.state.proofs, other.state.proofs);
    if (!result.split) result.split = other.split;
    for (const syntax::MappingDecl* mapping : other.mappings)
      if (std::ranges::find(result.mappings, mapping) == result.mappings.end()) result.mappings.push_back(mapping);
    if (!result.delivered || !other.open_choice) result.open_choice = result.delivered ? other.open_choice : result.open_choice;
    result.delivered = result.delivered && other.delivered;
    std::erase_if(result.reached, [&other](std::string_view name) { return !other.reached.contains(name); });
  }
  for (const Way& way : open) {
    if (!way.delivered && way.open_choice) result.open_choice = way.open_choice;
  }
  return result;
}

Way FlowChecker::when(const syntax::WhenStep& step, const Way& way) {
  std::vector<Way> ways;
  Shadow shadow(context_.sources);
  const Depth inside_choice(choices_);
  const syntax::Arm* otherwise = nullptr;
  Way rest = way;  // what no arm has taken yet
  for (const syntax::Arm* arm : step.arms) {
    if (after_otherwise(*arm, otherwise)) break;
    Way inside = rest;
    if (arm->condition != nullptr && !arm->condition->poisoned && arm->condition->kind != syntax::ExprKind::error) {
      check_condition(context_, rest.state, *arm->condition);
      hidden(*arm->condition, shadow);
      inside.state.proofs.add(proofs_when(context_, rest.state, *arm->condition, true));
      rest.state.proofs.add(proofs_when(context_, rest.state, *arm->condition, false));
    }
    inside.arms.emplace_back(step.id, ways.size());
    if (!inside.delivered) inside.open_choice = diag::Label{arm->span, "this arm goes on without an end"};
    ways.push_back(steps(arm->steps, std::move(inside)));
  }
  std::optional<Way> passes;
  if (otherwise == nullptr && !any_poisoned(step.arms)) {
    passes = rest;
    if (!passes->delivered)
      passes->open_choice = diag::Label{word_span(step, 4), "a message for which no condition holds passes here"};
  }
  return merged(step, std::move(ways), std::move(passes));
}

Way FlowChecker::route(const syntax::RouteStep& step, const Way& way) {
  if (is_word_type(step.subject)) return route_type(step, way);
  Type subject;
  const bool readable = step.subject != nullptr && !step.subject->poisoned && step.subject->kind != syntax::ExprKind::error;
  if (readable) subject = check_value(context_, way.state, *step.subject);
  std::vector<Way> ways;
  std::vector<std::pair<std::string, source::Span>> seen;
  std::set<std::string_view> named;
  const Depth inside_choice(choices_);
  const syntax::Arm* otherwise = nullptr;
  for (const syntax::Arm* arm : step.arms) {
    if (after_otherwise(*arm, otherwise)) break;
    for (const syntax::Expr* value : arm->values) {
      if (value->poisoned || value->kind == syntax::ExprKind::error) continue;
      if (readable) check_literal(context_, way.state, subject, *value);
      if (const auto* text = value->try_as<syntax::StringExpr>(); text != nullptr && text->is_literal())
        named.insert(text->text());
      hidden(*arm, *value, normal_text(context_.text(value->span)), seen);
    }
    Way inside = way;
    inside.arms.emplace_back(step.id, ways.size());
    if (!inside.delivered) inside.open_choice = diag::Label{arm->span, "this arm goes on without an end"};
    ways.push_back(steps(arm->steps, std::move(inside)));
  }
  if (otherwise == nullptr && !step.poisoned && !any_poisoned(step.arms) && readable) {
    const auto codes = closed_codes(way.state.type, subject);
    std::vector<std::string_view> missing;
    if (codes)
      std::copy_if(codes->begin(), codes->end(), std::back_inserter(missing),
                   [&named](std::string_view code) { return !named.contains(code); });
    if (!codes || !missing.empty()) {
      diag::Diagnostic diagnostic{
          .code = Code::E0506, .span = word_span(step, 5), .message = "a `route` says what happens to all other values"};
      diagnostic.help = "add `otherwise -> dead \"why\"`, `otherwise -> drop \"why\"` or `otherwise -> DESTINATION`";
      if (codes && missing.size() <= 5)
        diagnostic.notes.push_back(fmt::format("the codes that no arm names: {}", fmt::join(missing, ", ")));
      context_.sink.report(std::move(diagnostic));
    }
  }
  return merged(step, std::move(ways), std::nullopt);
}

Way FlowChecker::route_type(const syntax::RouteStep& step, const Way& way) {
  std::vector<Way> ways;
  std::vector<std::pair<std::string, source::Span>> seen;
  std::vector<std::pair<TypePattern, source::Span>> patterns;
  const syntax::Arm* otherwise = nullptr;
  // What an arm takes is all that can come to its steps.
  const auto narrow = [this](bool rest, const std::vector<TypePattern>& own, const std::vector<source::Span>& spans,
                             const std::vector<std::pair<TypePattern, source::Span>>& all) {
    std::vector<AcceptedEvent> events;
    if (rest) {
      if (takes_everything_) return;
      std::ranges::copy_if(accepts_, std::back_inserter(events), [&all](const AcceptedEvent& event) {
        return std::ranges::none_of(all, [&event](const auto& one) { return takes(one.first, event); });
      });
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
      const AcceptedEvent named{own[i].code, own[i].trigger, own[i].structure, spans[i]};
      if (takes_everything_) {
        events.push_back(named);
        continue;
      }
      for (const AcceptedEvent& event : accepts_) {
        if (takes(own[i], event)) {
          events.push_back(event);
        } else if (can_take(own[i], event)) {
          events.push_back(named);
        }
      }
    }
    if (events.empty()) return;  // was reported
    accepts_ = std::move(events);
    takes_everything_ = false;
  };
  for (const syntax::Arm* arm : step.arms) {
    if (after_otherwise(*arm, otherwise)) break;
    std::vector<TypePattern> arm_patterns;
    std::vector<source::Span> arm_spans;
    for (const syntax::Expr* value : arm->values) {
      if (value->poisoned || value->kind == syntax::ExprKind::error) continue;
      const auto pattern = type_pattern(*value);
      if (!pattern) {
        context_.sink.report(Code::E0702, value->span, fmt::format("`{}` is not a message type", context_.text(value->span)),
                             "name events or structures: `ADT^A01`, `ORU_R01`");
        continue;
      }
      if (hidden(*arm, *value, normal_text(context_.text(value->span)), seen)) continue;
      const AcceptedEvent named{pattern->code, pattern->trigger, pattern->structure, value->span};
      const auto wider = std::ranges::find_if(patterns, [&named](const auto& one) { return takes(one.first, named); });
      if (wider != patterns.end()) {
        context_.sink.report({.code = Code::E0505,
                              .span = value->span,
                              .message = fmt::format("an earlier arm takes every message for `{}`", context_.text(value->span)),
                              .secondary = {{wider->second, "the earlier one"}},
                              .help = "move it before the other, or remove it"});
        continue;
      }
      arm_patterns.push_back(*pattern);
      const bool fits = takes_everything_ || !sources_known_ ||
                        std::any_of(accepts_.begin(), accepts_.end(),
                                    [&pattern](const AcceptedEvent& event) { return can_take(*pattern, event); });
      if (!fits) {
        context_.sink.report(Code::E0514, value->span, fmt::format("`{}` never comes here", context_.text(value->span)),
                             fmt::format("the flow's sources accept {}", accepted_text()));
      }
      patterns.emplace_back(*pattern, value->span);
      arm_spans.push_back(value->span);
    }
    Way inside = way;
    inside.arms.emplace_back(step.id, ways.size());
    if (!inside.delivered) inside.open_choice = diag::Label{arm->span, "this arm goes on without an end"};
    const auto outer = std::pair(accepts_, takes_everything_);
    narrow(arm->otherwise, arm_patterns, arm_spans, patterns);
    ways.push_back(steps(arm->steps, std::move(inside)));
    std::tie(accepts_, takes_everything_) = outer;
  }
  if (otherwise == nullptr && !step.poisoned && !any_poisoned(step.arms) && sources_known_) {
    std::vector<std::string> missing;
    for (const AcceptedEvent& event : accepts_) {
      const bool taken =
          std::any_of(patterns.begin(), patterns.end(), [&event](const auto& one) { return takes(one.first, event); });
      if (!taken) missing.push_back(fmt::format("`{}`", context_.text(event.span)));
    }
    if (takes_everything_) {
      context_.sink.report(Code::E0507, word_span(step, 10),
                           "a source of this flow takes every type, and no arm takes the others",
                           "add `otherwise`, or say `accept` in the source");
    } else if (!missing.empty()) {
      context_.sink.report(Code::E0507, word_span(step, 10),
                           fmt::format("no arm takes {}, which the flow's sources accept", fmt::join(missing, ", ")),
                           "add an arm, or `otherwise`");
    }
  }
  return merged(step, std::move(ways), std::nullopt);
}

Way FlowChecker::fanout(const syntax::FanoutStep& step, const Way& way) {
  std::vector<Way> ways;
  const syntax::Arm* otherwise = nullptr;
  bool after = false;
  const bool outer = std::exchange(in_fanout_, true);
  const Depth inside_choice(choices_);
  for (const syntax::Arm* arm : step.arms) {
    if (after_otherwise(*arm, otherwise)) {
      after = true;
      break;
    }
    Way inside = way;
    if (arm->condition != nullptr && !arm->condition->poisoned && arm->condition->kind != syntax::ExprKind::error) {
      check_condition(context_, way.state, *arm->condition);
      inside.state.proofs.add(proofs_when(context_, way.state, *arm->condition, true));
    }
    if (!inside.delivered) inside.open_choice = diag::Label{arm->span, "this arm goes on without an end"};
    ways.push_back(steps(arm->steps, std::move(inside)));
  }
  in_fanout_ = outer;
  // After a fanout the line goes on with the message as it came: several arms may have taken it.
  std::optional<Way> passes;
  if (otherwise == nullptr && !after && !any_poisoned(step.arms)) {
    passes = way;
    if (!passes->delivered) passes->open_choice = diag::Label{word_span(step, 6), "a message that fits no arm passes here"};
  }
  return merged(step, std::move(ways), std::move(passes));
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
// What is proven, kept as texts: "PID|3[*] present", "f1:OBX|2[1] == NM", and "valid" for a message that a `validate` has
// passed. A path inside an `each` is kept with the number of its frame, so such proofs end with the frame.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/checker.h"
#include "stdlib/builtins/all.h"

namespace smarthl7::check {
namespace {

using plan::Pick;
using syntax::BinaryOp;
using syntax::ExprKind;

constexpr std::string_view kValid = "valid";

/// The text of a literal; nullopt for anything else.
std::optional<std::string_view> literal_text(const syntax::Expr& expr) {
  if (const auto* text = expr.try_as<syntax::StringExpr>(); text != nullptr && text->is_literal()) return text->text();
  if (const auto* number = expr.try_as<syntax::NumberExpr>()) return number->text;
  return std::nullopt;
}

}  // namespace

std::vector<ModelIndex> Checker::places_of(const ResolvedPath& path) const {
  const plan::SegmentRef& segment = path.path.segment;
  if (segment.pick == Pick::current && segment.frame > 0 && segment.frame <= frames.size())
    return frames[segment.frame - 1U].places;
  std::vector<ModelIndex> places;
  const auto nodes = model.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].is_segment() || nodes[i].name != path.segment) continue;
    if (segment.node != plan::kNoNode && nodes[i].plan_node != segment.node) continue;
    places.push_back(static_cast<ModelIndex>(i));
  }
  return places;
}

ModelIndex Checker::base_of(const plan::SegmentRef& segment) const {
  const auto nodes = model.nodes();
  if (segment.group != plan::kNoNode) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].plan_node == segment.group) return static_cast<ModelIndex>(i);
    }
  }
  if (segment.frame > 0 && segment.frame <= frames.size()) {
    const Frame& frame = frames[segment.frame - 1U];
    if (frame.kind == plan::ScopeKind::group && !frame.places.empty()) return frame.places.front();
  }
  return 0;
}

std::string Checker::segment_key(const ResolvedPath& path) const {
  const plan::SegmentRef& segment = path.path.segment;
  const std::vector<ModelIndex> places = places_of(path);
  if (!model.open() && places.size() == 1 && model.single_below(places.front(), 0)) return path.segment;
  const char* pick = segment.pick == Pick::current ? "."
                     : segment.pick == Pick::every ? "*"
                     : segment.pick == Pick::last  ? "-"
                                                   : "#";
  return fmt::format("f{}:{}:{}@{}{}{}", segment.frame, segment.group, path.segment,
                     segment.pick == Pick::current ? 0 : segment.node, pick, segment.pick == Pick::nth ? segment.n : 0);
}

/// With the component and subcomponent that reading it as text means.
ResolvedPath Checker::leaf(const ResolvedPath& path) const {
  ResolvedPath deep = path;
  if (path.path.field == 0) return deep;
  const auto field = model.field(path.segment, path.path.field);
  if (!field || !field->type || !field->type.is_composite()) return deep;
  if (deep.path.component == 0) deep.path.component = 1;
  const hl7::Component component = field->type.component(std::size_t{deep.path.component});
  if (component && component.datatype() && component.datatype().is_composite() && deep.path.subcomponent == 0)
    deep.path.subcomponent = 1;
  return deep;
}

std::string Checker::key(const ResolvedPath& path) const {
  std::string text = segment_key(path);
  const plan::Path& at = path.path;
  if (at.field == 0) return text;
  const auto field = model.field(path.segment, at.field);
  std::string repetition;
  switch (at.repetition) {
    case Pick::nth:
      repetition = field && !field->repeats() && at.repetition_n == 0 ? "1" : std::to_string(at.repetition_n);
      break;
    case Pick::last: repetition = "last"; break;
    case Pick::every: repetition = "*"; break;
    case Pick::current: repetition = fmt::format("f{}", frames.size()); break;
    case Pick::chosen: repetition = path.choice != nullptr ? "?" + this->text(*path.choice) : "?"; break;
  }
  text += fmt::format("|{}[{}]", at.field, repetition);
  if (at.component != 0) text += fmt::format(".{}", at.component);
  if (at.subcomponent != 0) text += fmt::format(".{}", at.subcomponent);
  return text;
}

void Checker::assume_present(const ResolvedPath& path) {
  const auto add = [this](const ResolvedPath& known) { proofs.add(key(known) + " present"); };
  ResolvedPath known = path;
  add(known);
  if (known.path.subcomponent != 0) {
    known.path.subcomponent = 0;
    add(known);
  }
  if (known.path.component != 0) {
    known.path.component = 0;
    add(known);
  }
  if (known.path.field != 0) {
    known.path.repetition = Pick::every;
    add(known);
    known.path.field = 0;
    add(known);
  }
}

void Checker::enter(Frame frame) {
  frames.push_back(std::move(frame));
  const Frame& entered = frames.back();
  if (entered.kind != plan::ScopeKind::repetition) return;
  ResolvedPath segment;
  segment.segment = entered.name;
  segment.path.segment = entered.segment;
  assume_present(segment);
}

bool Checker::segment_present(const ResolvedPath& path) const {
  if (path.segment == "MSH") return true;
  const plan::SegmentRef& segment = path.path.segment;
  if (segment.pick == Pick::current) return true;
  ResolvedPath whole = path;
  whole.path.field = 0;
  if (proofs.holds(key(whole) + " present")) return true;
  if (model.open() || !proofs.holds(kValid) || (segment.pick == Pick::nth && segment.n > 1)) return false;
  const ModelIndex base = base_of(segment);
  const std::vector<ModelIndex> places = places_of(path);
  return std::any_of(places.begin(), places.end(), [&](ModelIndex place) {
    return (base == 0 || model.is_below(place, base)) && model.certain_below(place, base);
  });
}

bool Checker::is_present(const ResolvedPath& path) const {
  if (path.path.field == 0) return segment_present(path);
  const ResolvedPath deep = leaf(path);
  if (proofs.holds(key(deep) + " present")) return true;
  if (path.segment == "MSH" && (path.path.field <= 2 || path.path.field == 10) && deep.path.component == 0) return true;
  const auto field = model.field(path.segment, path.path.field);
  const bool valid = !model.open() && proofs.holds(kValid);
  return valid && field && field->min > 0 && !field->repeats() && deep.path.component == 0 && segment_present(path);
}

std::optional<std::string> Checker::known_value(const ResolvedPath& path) const {
  const std::string prefix = key(leaf(path)) + " == ";
  const auto at = proofs.facts.lower_bound(prefix);
  if (at == proofs.facts.end() || !at->starts_with(prefix)) return std::nullopt;
  return at->substr(prefix.size());
}

const ResolvedPath* Checker::path_of(const syntax::Expr& expr) const {
  if (expr.kind != ExprKind::path) return nullptr;
  const auto at = context.facts.paths.find(expr.id);
  return at == context.facts.paths.end() ? nullptr : &at->second;
}

/// The expression has a value, so everything is there that it cannot be computed without.
void Checker::assume_value(const syntax::Expr& expr) {
  switch (expr.kind) {
    case ExprKind::path:
      if (const ResolvedPath* path = path_of(expr); path != nullptr && !path->type.list && path->path.field != 0)
        assume_present(leaf(*path));
      return;
    case ExprKind::string:
      for (const syntax::StringPart& part : expr.as<syntax::StringExpr>().parts) {
        if (part.value != nullptr) assume_value(*part.value);
      }
      return;
    case ExprKind::call: {
      const auto& call = expr.as<syntax::CallExpr>();
      const builtins::Function* function = call.function == nullptr ? nullptr : builtins::find_function(call.function->text);
      const bool code = function == nullptr && call.function != nullptr && call.function->text == "code";
      if (function != nullptr && !function->takes(call.arguments.size())) return;
      for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        if (code ? i == 0 : function != nullptr && !function->parameter(i).list) assume_value(*call.arguments[i]);
      }
      return;
    }
    case ExprKind::binary: {
      const auto& binary = expr.as<syntax::BinaryExpr>();
      if (!operation_of(binary.op)) return;
      assume_value(*binary.left);
      assume_value(*binary.right);
      return;
    }
    case ExprKind::lookup:
      for (const syntax::Expr* value : expr.as<syntax::LookupExpr>().keys) assume_value(*value);
      return;
    default: return;
  }
}

std::optional<std::string> Checker::canonical(const syntax::Expr& expr) const {
  switch (expr.kind) {
    case ExprKind::path: {
      const ResolvedPath* path = path_of(expr);
      if (path == nullptr || path->type.list || path->path.field == 0) return std::nullopt;
      return key(leaf(*path));
    }
    case ExprKind::string:
      if (!expr.as<syntax::StringExpr>().is_literal()) return std::nullopt;
      return fmt::format("\"{}\"", expr.as<syntax::StringExpr>().text());
    case ExprKind::number:
    case ExprKind::unit:
    case ExprKind::boolean:
    case ExprKind::name: return text(expr);
    case ExprKind::call: {
      const auto& call = expr.as<syntax::CallExpr>();
      if (call.function == nullptr) return std::nullopt;
      const auto arguments = canonical(call.arguments);
      if (!arguments) return std::nullopt;
      return fmt::format("{}({})", call.function->text, *arguments);
    }
    default: return std::nullopt;
  }
}

std::optional<std::string> Checker::canonical(std::span<const syntax::Expr* const> arguments) const {
  std::string all;
  for (const syntax::Expr* argument : arguments) {
    const auto one = canonical(*argument);
    if (!one) return std::nullopt;
    all += (all.empty() ? "" : ", ") + *one;
  }
  return all;
}

void Checker::assume(const syntax::Expr& condition, bool truth) {
  switch (condition.kind) {
    case ExprKind::negation: return assume(*condition.as<syntax::NotExpr>().operand, !truth);
    case ExprKind::binary: {
      const auto& binary = condition.as<syntax::BinaryExpr>();
      if (binary.op == BinaryOp::logic_and || binary.op == BinaryOp::logic_or) {
        if ((binary.op == BinaryOp::logic_and) == truth) {
          assume(*binary.left, truth);
          assume(*binary.right, truth);
          return;
        }
        const Proofs before = proofs;
        assume(*binary.left, truth);
        const Proofs left = std::exchange(proofs, before);
        assume(*binary.right, truth);
        proofs = Proofs::both(left, proofs);
        return;
      }
      // `==` that holds, `!=` that does not, an order that holds: both sides are there.
      const bool equal = (binary.op == BinaryOp::equal && truth) || (binary.op == BinaryOp::not_equal && !truth);
      const bool ordered = truth && (binary.op == BinaryOp::less || binary.op == BinaryOp::less_equal ||
                                     binary.op == BinaryOp::greater || binary.op == BinaryOp::greater_equal);
      if (!equal && !ordered) return;
      for (const auto& [one, other] : {std::pair{binary.left, binary.right}, std::pair{binary.right, binary.left}}) {
        assume_value(*one);
        const ResolvedPath* path = path_of(*one);
        if (path == nullptr || path->type.list) continue;
        if (const auto text = literal_text(*other); equal && text) proofs.add(fmt::format("{} == {}", key(leaf(*path)), *text));
      }
      return;
    }
    case ExprKind::in_set: {
      const auto& in = condition.as<syntax::InExpr>();
      if (!truth) return;
      assume_value(*in.operand);
      if (in.table != nullptr) {
        if (const auto name = canonical(*in.operand)) proofs.add(fmt::format("{} in {}", *name, in.table->text));
      }
      const ResolvedPath* path = path_of(*in.operand);
      if (path == nullptr || path->type.list || in.values.size() != 1) return;
      if (const auto text = literal_text(*in.values.front())) proofs.add(fmt::format("{} == {}", key(leaf(*path)), *text));
      return;
    }
    case ExprKind::matches:
      if (truth) assume_value(*condition.as<syntax::MatchesExpr>().operand);
      return;
    case ExprKind::call: {
      // A function that returns bool is false where an argument is absent.
      const auto& call = condition.as<syntax::CallExpr>();
      if (!truth) return;
      assume_value(call);
      if (const auto name = canonical(call)) proofs.add(*name);
      return;
    }
    case ExprKind::test: {
      const auto& test = condition.as<syntax::TestExpr>();
      const ResolvedPath* path = path_of(*test.operand);
      if (path == nullptr) return;
      if (test.test == syntax::TestKind::present) {
        if (truth) assume_present(*path);
        return;
      }
      if (truth) return;
      // Neither absent nor null: present.
      const bool absent = test.test == syntax::TestKind::absent;
      proofs.add(key(*path) + (absent ? " not absent" : " not null"));
      if (proofs.holds(key(*path) + (absent ? " not null" : " not absent"))) assume_present(*path);
      return;
    }
    case ExprKind::each:
    case ExprKind::string:
    case ExprKind::number:
    case ExprKind::unit:
    case ExprKind::count:
    case ExprKind::boolean:
    case ExprKind::null_value:
    case ExprKind::event:
    case ExprKind::version:
    case ExprKind::name:
    case ExprKind::path:
    case ExprKind::raw:
    case ExprKind::lookup:
    case ExprKind::error: return;
  }
}

}  // namespace smarthl7::check

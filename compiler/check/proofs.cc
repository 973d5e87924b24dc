// SPDX-License-Identifier: Apache-2.0
// What is proven, kept as texts: "PID|3[*] present", "f1:OBX|2[1] == NM", and "valid" for a message that a `validate` has
// passed. A path inside an `each` is kept with the number of its frame, so such proofs end with the frame.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/checker.h"

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
        const ResolvedPath* path = path_of(*one);
        if (path == nullptr || path->type.list) continue;
        assume_present(leaf(*path));
        if (const auto text = literal_text(*other); equal && text) proofs.add(fmt::format("{} == {}", key(leaf(*path)), *text));
      }
      return;
    }
    case ExprKind::in_set: {
      const auto& in = condition.as<syntax::InExpr>();
      const ResolvedPath* path = path_of(*in.operand);
      if (!truth || path == nullptr || path->type.list) return;
      assume_present(leaf(*path));
      if (in.values.size() != 1) return;
      if (const auto text = literal_text(*in.values.front())) proofs.add(fmt::format("{} == {}", key(leaf(*path)), *text));
      return;
    }
    case ExprKind::matches: {
      const ResolvedPath* path = path_of(*condition.as<syntax::MatchesExpr>().operand);
      if (truth && path != nullptr && !path->type.list) assume_present(leaf(*path));
      return;
    }
    case ExprKind::test: {
      const auto& test = condition.as<syntax::TestExpr>();
      const ResolvedPath* path = path_of(*test.operand);
      if (path != nullptr && test.test == syntax::TestKind::present && truth) assume_present(*path);
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
    case ExprKind::call:
    case ExprKind::lookup:
    case ExprKind::error: return;
  }
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace smarthl7::check {

using hl7::PhiLabel;
using hl7::PhiMark;
using syntax::ExprKind;

namespace {

/// `phi none` of a table; nullopt: what its keys say.
[[nodiscard]] std::optional<PhiMark> label_of_table(const Context& context, const syntax::LookupExpr& lookup) {
  if (lookup.table == nullptr) return std::nullopt;
  const auto at = context.tables.find(lookup.table->text);
  if (at == context.tables.end() || at->second.declaration == nullptr) return std::nullopt;
  const syntax::OptionBlock* options = at->second.declaration->options;
  const syntax::Option* phi = options == nullptr ? nullptr : options->find("phi");
  if (phi == nullptr || phi->values.size() != 1) return std::nullopt;
  const auto* word = phi->values.front()->try_as<syntax::NameExpr>();
  return word == nullptr ? std::nullopt : hl7::declared_label(word->text);
}

class Walk {
 public:
  Walk(Context& context, const PhiModel& model, const PhiState& state) : context_(context), model_(model), state_(state) {}

  [[nodiscard]] PhiEntry value(const syntax::Expr& expr) {
    PhiEntry entry = made_of(expr);
    if (entry.mark.label != PhiLabel::none) context_.facts.phi[expr.id] = {entry.mark, way(entry.trail)};
    return entry;
  }

 private:
  [[nodiscard]] PhiEntry made_of(const syntax::Expr& expr) {
    switch (expr.kind) {
      case ExprKind::path: return read(expr.as<syntax::PathExpr>());
      case ExprKind::raw: {
        const auto& raw = expr.as<syntax::RawExpr>();
        return raw.path == nullptr ? PhiEntry{} : read(*raw.path);
      }
      case ExprKind::lookup: {
        PhiEntry keys = all_of(expr);
        if (const auto said = label_of_table(context_, expr.as<syntax::LookupExpr>())) return {*said, false, {}, {}};
        if (keys.mark.identifies()) {
          keys.trail = step(fmt::format("looked up in `{}`", expr.as<syntax::LookupExpr>().table->text), expr.span,
                            std::move(keys.trail));
        }
        return keys;
      }
      case ExprKind::binary:
        // A default keeps the form of its value.
        if (const auto& binary = expr.as<syntax::BinaryExpr>(); binary.op == syntax::BinaryOp::logic_or &&
                                                                binary.left != nullptr && binary.right != nullptr &&
                                                                is_constant(*binary.right)) {
          return value(*binary.left);
        }
        return all_of(expr);
      default: return all_of(expr);
    }
  }

  /// Function results, joins, arithmetic: the strongest of what goes in, no longer in its form.
  [[nodiscard]] PhiEntry all_of(const syntax::Expr& expr) {
    PhiEntry found;
    syntax::for_each_child(expr, [&](const syntax::Expr& child) { found = stronger(std::move(found), value(child)); });
    // A string of one interpolation alone is its value; anything else is made of it.
    const auto* string = expr.try_as<syntax::StringExpr>();
    const bool alone = string != nullptr && string->parts.size() == 1;
    if (!alone) found.as_sent = false;
    return found;
  }

  [[nodiscard]] PhiEntry read(const syntax::PathExpr& path) {
    const auto at = context_.facts.paths.find(path.id);
    if (at == context_.facts.paths.end()) return {};
    PhiEntry found;
    const auto places = places_of(model_, at->second);
    for (const PhiPlace& place : places) found = stronger(std::move(found), at_place(place, at->second));
    if (places.size() > 1) found.as_sent = false;
    if (found.mark.identifies() && found.trail == nullptr) found.trail = step(written(at->second), path.span);
    context_.facts.phi[path.id] = {found.mark, way(found.trail)};
    return found;
  }

  /// OBX-5 where a condition says what OBX-2 is holds what that type says.
  [[nodiscard]] PhiEntry at_place(const PhiPlace& place, const ResolvedPath& path) const {
    PhiEntry entry = state_.strongest(model_, place);
    const std::string_view type = path.type.datatype;
    if (!model_.varies(place) || entry.trail != nullptr || type.empty() || type == "varies" || type == "*") return entry;
    return stronger({}, {hl7::label_of_type(model_.model().version(), type), true, {}, {}});
  }

  /// The path of a scope is told as the place that it is.
  [[nodiscard]] static std::string written(const ResolvedPath& path) {
    const bool relative = path.text.starts_with('.') || path.text.starts_with('-');
    return relative ? describe(place_of(path)) : path.text;
  }

  Context& context_;
  const PhiModel& model_;
  const PhiState& state_;
};

}  // namespace

std::vector<PhiPlace> places_of(const PhiModel& model, const ResolvedPath& path) {
  if (path.path.field != 0 || path.segment.size() == 3 || model.open()) return {place_of(path)};
  std::vector<PhiPlace> places;
  const auto nodes = model.model().nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto index = static_cast<ModelIndex>(i);
    if (!nodes[i].is_segment()) continue;
    ModelIndex up = nodes[i].parent;
    while (up != kNoModelNode && nodes[up].name != path.segment) up = nodes[up].parent;
    if (up == kNoModelNode || !model.model().is_below(index, up)) continue;
    PhiPlace place{std::string(nodes[i].name), 0, 0, 0};
    if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(std::move(place));
  }
  return places;
}

PhiEntry phi_of(Context& context, const PhiModel& model, const PhiState& state, const syntax::Expr& expr) {
  return Walk(context, model, state).value(expr);
}

bool is_constant(const syntax::Expr& expr) {
  bool constant = true;
  syntax::walk(expr, [&constant](const syntax::Expr& one) {
    constant = constant && one.kind != ExprKind::path && one.kind != ExprKind::raw;
  });
  return constant;
}

Trail asks_who(Context& context, const PhiModel& model, const PhiState& state, const syntax::Expr& condition) {
  // Whether somebody has a name does not say who it is.
  if (condition.kind == ExprKind::test) return nullptr;
  if (condition.kind == ExprKind::path || condition.kind == ExprKind::raw) {
    const PhiEntry entry = phi_of(context, model, state, condition);
    return entry.mark.label == PhiLabel::direct ? entry.trail : nullptr;
  }
  Trail found;
  syntax::for_each_child(condition, [&](const syntax::Expr& child) {
    if (found == nullptr) found = asks_who(context, model, state, child);
  });
  return found;
}

}  // namespace smarthl7::check

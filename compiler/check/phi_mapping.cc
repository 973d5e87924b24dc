// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/check/phi_values.h"

namespace smarthl7::check {

using hl7::PhiLabel;
using hl7::PhiMark;
using syntax::ElseKind;

namespace {

/// One mapping over one state: reads see `before`, writes go to `after_`.
class Transfer {
 public:
  Transfer(Context& context, const syntax::MappingDecl& mapping, const PhiModel& takes, const PhiModel& gives,
           const PhiState& before)
      : context_(context), mapping_(mapping), takes_(takes), gives_(gives), before_(before), after_(before) {}

  [[nodiscard]] PhiState run() {
    under_ = before_.under;
    if (mapping_.to != nullptr) start_empty();
    items(mapping_.items);
    return std::move(after_);
  }

 private:
  /// `mapping m : a -> b` starts with nothing but MSH.
  void start_empty() {
    after_.entries.clear();
    after_.emptied = true;
    after_.strict = true;
    gives_.leaves({"MSH", 0, 0, 0}, [&](const PhiPlace& leaf) { after_.entries[leaf] = before_.get(takes_, leaf); });
  }

  void items(syntax::List<syntax::MappingItem> list) {
    for (const syntax::MappingItem* item : list) {
      if (item->poisoned) continue;
      if (const auto* one = item->try_as<syntax::AssignItem>()) assign(*one);
      if (const auto* one = item->try_as<syntax::DeleteItem>()) remove(*one);
      if (const auto* one = item->try_as<syntax::EachItem>()) each(*one);
      if (const auto* one = item->try_as<syntax::WhenItem>()) when(*one);
      if (const auto* one = item->try_as<syntax::InsertItem>()) insert(*one);
    }
  }

  void each(const syntax::EachItem& item) {
    const bool whole_before = whole_;
    const Trail under_before = under_;
    std::vector<std::string> through = through_;
    if (item.where != nullptr) {
      whole_ = false;
      if (Trail who = asks_who(context_, takes_, before_, *item.where)) under_ = std::move(who);
    }
    if (item.scope != nullptr) {
      const auto at = context_.facts.scopes.find(item.scope->id);
      if (at != context_.facts.scopes.end() && at->second.scope.kind != plan::ScopeKind::repetition)
        through_.push_back(at->second.name);
      // One of several: `each OBX[2]`, a choice.
      if (!item.scope->nodes.empty() && item.scope->nodes.back().index.kind != syntax::IndexKind::none) whole_ = false;
    }
    items(item.items);
    through_ = std::move(through);
    whole_ = whole_before;
    under_ = under_before;
  }

  /// Conditions do not taint what is copied; but a constant that depends on who somebody is tells it.
  void when(const syntax::WhenItem& item) {
    const bool whole_before = whole_;
    const Trail under_before = under_;
    whole_ = false;
    for (const syntax::WhenMappingArm* arm : item.arms) {
      if (arm->condition != nullptr) {
        // An arm knows that the conditions before it were false, too.
        if (Trail who = asks_who(context_, takes_, before_, *arm->condition)) under_ = std::move(who);
      }
      items(arm->items);
    }
    whole_ = whole_before;
    under_ = under_before;
  }

  void insert(const syntax::InsertItem& item) {
    // A new segment beside those that are there.
    const bool whole_before = whole_;
    whole_ = false;
    items(item.items);
    whole_ = whole_before;
  }

  [[nodiscard]] std::string place_text(const PhiPlace& place, source::Span span) const {
    return fmt::format("{} in mapping `{}`, line {}", describe(place), mapping_.name->text,
                       context_.sources.get(span).position(span.begin).line);
  }

  void write(const PhiPlace& leaf, PhiEntry entry, bool certain, source::Span span) {
    const PhiMark own = gives_.own(leaf);
    // A record number where one stands is no news.
    if (!gives_.varies(leaf) && entry.mark.label <= own.label && entry.mark.kind == own.kind) entry.trail = nullptr;
    if (entry.trail != nullptr && entry.mark.identifies() && entry.mark.label > own.label)
      entry.trail = step(place_text(leaf, span), span, std::move(entry.trail));
    PhiEntry& there = after_.entries.try_emplace(leaf, after_.get(gives_, leaf)).first->second;
    // Two lines can write to one leaf, in different arms or for different repetitions: both count.
    const bool first = written_.insert(leaf).second;
    there = certain && first ? std::move(entry) : stronger(there, std::move(entry));
  }

  /// The line is passed on every way, for every occurrence of the place.
  [[nodiscard]] bool certain(const ResolvedPath& path, const syntax::ElseClause* otherwise) const {
    if (!whole_ || path.choice != nullptr) return false;
    if (otherwise != nullptr && (otherwise->kind == ElseKind::keep || otherwise->kind == ElseKind::proceed)) return false;
    const bool every_repetition = path.path.repetition == plan::Pick::every ||
                                  (path.path.repetition == plan::Pick::nth && path.path.repetition_n == 0) ||
                                  !gives_.repeats(place_of(path));
    if (path.path.field != 0 && !every_repetition) return false;
    if (path.path.segment.pick == plan::Pick::every || gives_.single(path.segment)) return true;
    // Within `each SEG` through all there are.
    return path.path.segment.pick == plan::Pick::current && through_.size() == 1 && through_.front() == path.segment;
  }

  void assign(const syntax::AssignItem& item) {
    if (item.target == nullptr || item.value == nullptr) return;
    if (const auto group = context_.facts.group_copies.find(item.id); group != context_.facts.group_copies.end()) {
      for (const std::string& segment : group->second) {
        gives_.leaves({segment, 0, 0, 0},
                      [&](const PhiPlace& leaf) { write(leaf, before_.strongest(takes_, leaf), false, item.target->span); });
      }
      return;
    }
    const auto at = context_.facts.paths.find(item.target->id);
    if (at == context_.facts.paths.end()) return;
    const ResolvedPath& target = at->second;
    const bool sure = certain(target, item.otherwise);
    if (const auto* source = item.value->try_as<syntax::PathExpr>(); source != nullptr && copy(item, target, *source, sure)) {
      return;
    }
    PhiEntry value = phi_of(context_, takes_, before_, *item.value);
    if (in_place(*item.value, target)) value.trail = nullptr;
    if (item.otherwise != nullptr && item.otherwise->value != nullptr)
      value = stronger(std::move(value), phi_of(context_, takes_, before_, *item.otherwise->value));
    if (under_ != nullptr && value.mark.label < PhiLabel::direct && is_constant(*item.value)) {
      value = {{PhiLabel::direct, hl7::PhiKind::unknown}, false, step("decides on a constant", item.value->span, under_), {}};
    }
    for (const PhiPlace& place : places_of(gives_, target)) {
      gives_.leaves(place, [&](const PhiPlace& leaf) { write(leaf, value, sure, item.target->span); });
    }
  }

  /// Made of nothing but what stands there.
  [[nodiscard]] bool in_place(const syntax::Expr& value, const ResolvedPath& target) const {
    bool same = !is_constant(value);
    syntax::walk(value, [&](const syntax::Expr& one) {
      if (one.kind != syntax::ExprKind::path) return;
      const auto at = context_.facts.paths.find(one.id);
      same = same && at != context_.facts.paths.end() && at->second.path == target.path && at->second.segment == target.segment;
    });
    return same;
  }

  /// A field, segment or group as it stands: leaf by leaf. False: it is a value.
  bool copy(const syntax::AssignItem& item, const ResolvedPath& target, const syntax::PathExpr& source, bool sure) {
    const auto at = context_.facts.paths.find(source.id);
    if (at == context_.facts.paths.end()) return false;
    const ResolvedPath& from = at->second;
    const bool parts = target.type.kind == TypeKind::composite || target.type.kind == TypeKind::segment;
    if (!parts || (from.type.kind != TypeKind::composite && from.type.kind != TypeKind::segment)) return false;
    static_cast<void>(phi_of(context_, takes_, before_, source));
    const auto read = places_of(takes_, from);
    const auto to = places_of(gives_, target);
    for (std::size_t i = 0; i < to.size() && i < read.size(); ++i) {
      const PhiPlace& base = read.size() == to.size() ? read[i] : read.front();
      gives_.leaves(to[i], [&](const PhiPlace& leaf) {
        PhiEntry entry = before_.strongest(takes_, counterpart(leaf, to[i], base));
        if (entry.mark.identifies() && entry.trail == nullptr) entry.trail = step(from.text, source.span);
        write(leaf, std::move(entry), sure, item.target->span);
      });
    }
    return true;
  }

  /// What stands under `base` where `leaf` stands under `to`.
  [[nodiscard]] static PhiPlace counterpart(const PhiPlace& leaf, const PhiPlace& to, const PhiPlace& base) {
    const std::uint16_t numbers[] = {leaf.field, leaf.component, leaf.subcomponent};
    std::uint16_t made[] = {base.field, base.component, base.subcomponent};
    for (unsigned level = to.depth(), below = base.depth(); level < 3 && below < 3; ++level, ++below)
      made[below] = numbers[level];
    return {base.segment, made[0], made[1], made[2]};
  }

  void remove(const syntax::DeleteItem& item) {
    if (!whole_ || item.where != nullptr) return;
    for (const syntax::PathExpr* path : item.paths) {
      const auto scope = context_.facts.scopes.find(path->id);
      const auto at = context_.facts.paths.find(path->id);
      if (scope != context_.facts.scopes.end()) {
        if (scope->second.scope.kind == plan::ScopeKind::segment && scope->second.scope.node == plan::kNoNode &&
            through_.empty()) {
          clear({scope->second.name, 0, 0, 0});
        }
      } else if (at != context_.facts.paths.end() && at->second.choice == nullptr && certain(at->second, nullptr)) {
        clear(place_of(at->second));
      }
    }
  }

  void clear(const PhiPlace& place) {
    gives_.leaves(place, [&](const PhiPlace& leaf) {
      if (!written_.contains(leaf)) after_.entries[leaf] = {};
    });
  }

  Context& context_;
  const syntax::MappingDecl& mapping_;
  const PhiModel& takes_;
  const PhiModel& gives_;
  const PhiState& before_;
  PhiState after_;
  std::set<PhiPlace> written_;
  std::vector<std::string> through_;  // the scopes around
  bool whole_ = true;                 // nothing around says for which
  Trail under_;                       // conditions around ask who it is
};

}  // namespace

PhiState phi_after(Context& context, const syntax::MappingDecl& mapping, const PhiModel& takes, const PhiModel& gives,
                   const PhiState& before) {
  return Transfer(context, mapping, takes, gives, before).run();
}

}  // namespace smarthl7::check

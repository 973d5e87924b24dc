// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi_redaction.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stdlib/hl7/redaction_rules.h"

namespace smarthl7::check {

using hl7::PhiKind;
using hl7::PhiLabel;
using hl7::PhiMark;
using hl7::PhiMethod;

namespace {

using Why = PhiLeftover::Why;

/// As an executor sees it: a value without parts is the first subcomponent of the first component.
[[nodiscard]] hl7::RedactionPlace place_of(const PhiPlace& leaf) {
  return {hl7::name_key(leaf.segment), leaf.field, std::max<std::uint16_t>(leaf.component, 1),
          std::max<std::uint16_t>(leaf.subcomponent, 1)};
}

/// Every mark there is, with the numbers that are direct though the regulation does not name their kind.
[[nodiscard]] const std::vector<PhiMark>& all_marks() {
  static const std::vector<PhiMark> marks = [] {
    std::vector<PhiMark> all;
    for (std::size_t i = 0; i < hl7::kPhiKinds; ++i) {
      const auto kind = static_cast<PhiKind>(i);
      all.push_back({hl7::label_of_kind(kind), kind});
    }
    all.push_back({PhiLabel::direct, PhiKind::other});
    return all;
  }();
  return marks;
}

/// One redaction over the leaves of one type.
class Proof {
 public:
  Proof(const PhiModel& model, const RedactionInfo& redaction) : model_(model), redaction_(redaction) {}

  struct Left {
    PhiEntry entry;
    PhiLeftover leftover;
  };

  /// What is left at a leaf that held `entry`; by the rules it is what the standard says it is.
  [[nodiscard]] Left leaf(const PhiPlace& place, const PhiEntry& entry) const {
    if (model_.varies(place) && entry.trail == nullptr) return varying(place, entry);
    std::optional<Left> found;
    for (const PhiMark seen : marks_of(place)) {
      Left left = after_effect(place, entry, seen);
      if (!found || left.entry.mark.label > found->entry.mark.label) found = std::move(left);
    }
    return *found;
  }

  [[nodiscard]] Left after_effect(const PhiPlace& place, const PhiEntry& entry, PhiMark seen) const {
    const hl7::RedactionEffect effect = hl7::effect_at(redaction_.rules, redaction_.allow, place_of(place), seen);
    Left left{entry, {Why::untouched, place, entry, entry.mark, effect.method, {}, false}};
    if (effect.rule && *effect.rule < redaction_.details.size()) left.leftover.item = redaction_.details[*effect.rule].span;
    if (!entry.mark.identifies()) return left;
    const bool needs_form =
        effect.method == PhiMethod::year || effect.method == PhiMethod::zip3 || effect.method == PhiMethod::shift;
    if (effect.method == PhiMethod::keep) {
      left.leftover.why = redaction_.allow ? Why::kept : Why::untouched;
    } else if (!hl7::method_fits(effect.method, entry.mark.kind) || (needs_form && !entry.as_sent)) {
      left.leftover.why = Why::misfit;
    } else {
      left.leftover.why = Why::method;
      left.entry.mark = hl7::left_by(effect.method, entry.mark);
      if (!left.entry.mark.identifies()) left.entry.trail = nullptr;
    }
    left.leftover.entry = left.entry;
    return left;
  }

  /// Segments and fields beyond what is declared: the rules of labels take them as unknown.
  [[nodiscard]] Left undeclared() const {
    const PhiMark unknown{PhiLabel::direct, PhiKind::unknown};
    Left left = after_effect({"", 1, 0, 0}, {unknown, true, {}, {}}, unknown);
    left.leftover.why = Why::undeclared;
    return left;
  }

 private:
  /// OBX-5 and its like hold what the type that OBX-2 names says.
  [[nodiscard]] Left varying(const PhiPlace& place, const PhiEntry& entry) const {
    auto held = entry.by_type;
    if (held.empty()) {
      for (const PhiMark mark : all_marks()) {
        if (mark.label == hl7::label_of_kind(mark.kind)) held.emplace_back(mark, mark);
      }
    }
    std::optional<Left> found;
    for (auto& [seen, mark] : held) {
      Left left = after_effect(place, {mark, true, {}, {}}, seen);
      mark = left.entry.mark;
      // Free text comes more often than what a type cannot be.
      const bool likelier = found && left.entry.mark.label == found->entry.mark.label && mark.kind == PhiKind::text;
      if (!found || likelier || left.entry.mark.label > found->entry.mark.label) found = std::move(left);
    }
    found->leftover.varies = true;
    found->entry.by_type = std::move(held);
    found->leftover.entry = found->entry;
    return *found;
  }

  [[nodiscard]] std::vector<PhiMark> marks_of(const PhiPlace& place) const {
    if (model_.varies(place)) return all_marks();
    if (!model_.open()) return {model_.own(place)};
    std::vector<PhiMark> marks;
    for (std::size_t i = 0; i < hl7::version_count(); ++i) {
      const hl7::Version version = hl7::version_at(i);
      if (!version.segment(place.segment)) continue;
      const PhiMark mark = hl7::label_of(version, place.segment, place.field, place.component, place.subcomponent);
      if (std::find(marks.begin(), marks.end(), mark) == marks.end()) marks.push_back(mark);
    }
    if (marks.empty()) marks.push_back({PhiLabel::direct, PhiKind::unknown});
    return marks;
  }

  const PhiModel& model_;
  const RedactionInfo& redaction_;
};

[[nodiscard]] bool any_segment(const PhiModel& model) {
  const auto nodes = model.model().nodes();
  return std::any_of(nodes.begin(), nodes.end(), [](const ModelNode& node) { return node.kind == hl7::NodeKind::any_segment; });
}

/// Of an `allow` on a message of which nothing is known: what its lines keep, of any version.
void prove_open(const Proof& proof, const RedactionInfo& redaction, std::vector<PhiLeftover>& left) {
  const auto keep = [&left](Proof::Left one) {
    if (one.entry.mark.identifies()) left.push_back(std::move(one.leftover));
  };
  for (const PhiMark mark : all_marks()) keep(proof.after_effect({"", 1, 0, 0}, {mark, true, {}, {}}, mark));
  for (const RedactionRuleInfo& rule : redaction.details) {
    if (rule.target.segment.empty()) continue;
    const PhiPlace at{rule.target.segment, rule.target.field, rule.target.component, rule.target.subcomponent};
    for (std::size_t i = 0; i < hl7::version_count(); ++i) {
      const hl7::Version version = hl7::version_at(i);
      const hl7::Segment segment = version.segment(at.segment);
      if (!segment) continue;
      // The strongest part of each field that the line keeps whole.
      for (unsigned field = at.field == 0 ? 1 : at.field; field <= (at.field == 0 ? segment.field_count() : at.field);
           ++field) {
        const PhiMark mark = hl7::label_of(version, at.segment, field, at.component, at.subcomponent);
        PhiPlace place = at;
        place.field = static_cast<std::uint16_t>(field);
        keep(proof.after_effect(place, {mark, true, {}, {}}, mark));
      }
    }
  }
}

}  // namespace

const PhiRedactions::Result& PhiRedactions::as_sent(const PhiModel& model, const RedactionInfo& redaction) {
  const MessageType& type = model.model().type();
  const auto [at, added] = known_.try_emplace(Key{&redaction, model.model().version().name(),
                                                  type.structure ? type.structure.name() : std::string_view(), type.profile});
  Result& result = at->second;
  if (!added) return result;
  const Proof proof(model, redaction);
  for (const std::string& segment : model.segments()) {
    model.leaves({segment, 0, 0, 0}, [&](const PhiPlace& place) {
      const PhiMark own = model.own(place);
      if (!own.identifies() && !model.varies(place)) return;
      Proof::Left left = proof.leaf(place, {own, true, {}, {}});
      if (left.entry.mark.identifies()) result.left.push_back(std::move(left.leftover));
      if (left.entry.mark.identifies() || !redaction.allow) result.entries[place] = std::move(left.entry);
    });
  }
  return result;
}

PhiState PhiRedactions::after(const PhiModel& model, const PhiState& before, const syntax::RedactStep& step,
                              const RedactionInfo& redaction) {
  PhiState state = before;
  const Proof proof(model, redaction);
  state.redacted = &step;
  state.allowed = before.allowed || redaction.allow;
  state.unredacted.reset();
  state.entries.clear();
  state.left.clear();
  const auto one = [&](const PhiPlace& place, const PhiEntry& entry) {
    std::erase_if(state.left, [&place](const PhiLeftover& left) { return left.place == place; });
    Proof::Left left = proof.leaf(place, entry);
    if (left.entry.mark.identifies()) state.left.push_back(std::move(left.leftover));
    if (left.entry.mark.identifies() || !redaction.allow)
      state.entries[place] = std::move(left.entry);
    else
      state.entries.erase(place);
  };
  if (before.opaque != nullptr) {
    state.left.push_back(
        {Why::transform, {}, {{PhiLabel::direct, PhiKind::unknown}, false, before.opaque, {}}, {}, {}, {}, false});
    return state;
  }
  if (model.open() && !redaction.allow) {
    state.left.push_back({Why::open, {}, {{PhiLabel::direct, PhiKind::unknown}, true, {}, {}}, {}, {}, step.span, false});
    state.entries = before.entries;
    return state;
  }
  if (model.open()) {
    prove_open(proof, redaction, state.left);
  } else if (!before.emptied) {
    const Result& result = as_sent(model, redaction);
    state.entries = result.entries;
    state.left = result.left;
  }
  // What the source promises not to send is not left.
  if (before.level != plan::Level::identified) {
    std::erase_if(state.left, [&before](const PhiLeftover& left) { return level_with(left.entry.mark) < before.level; });
  }
  for (const auto& [place, entry] : before.entries) one(place, entry);
  const bool beyond = !before.strict || any_segment(model);
  if (beyond && !redaction.allow && !before.emptied && before.level == plan::Level::identified) {
    if (Proof::Left left = proof.undeclared(); left.entry.mark.identifies()) state.left.push_back(std::move(left.leftover));
  }
  state.emptied = before.emptied || redaction.allow;
  for (PhiLeftover& left : state.left) {
    if (left.item == source::Span{}) left.item = step.span;
  }
  plan::Level level = plan::Level::deidentified;
  for (const PhiLeftover& left : state.left) level = std::min(level, level_with(left.entry.mark));
  state.level = std::max(before.level, level);
  return state;
}

}  // namespace smarthl7::check

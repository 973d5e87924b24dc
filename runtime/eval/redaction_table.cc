// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/redaction_table.h"

#include <algorithm>
#include <utility>

namespace smarthl7::eval {

using hl7::PhiKind;
using hl7::PhiLabel;
using hl7::PhiMark;
using hl7::PhiMethod;
using hl7::RedactionPlace;

namespace {

constexpr PhiMark kUnknown{PhiLabel::direct, PhiKind::unknown};
constexpr hl7::NameKey kObx = hl7::name_key("OBX");

PhiMethod method_of(const plan::RedactionItem& item) {
  switch (item.method) {
    case plan::RedactMethod::keep: return PhiMethod::keep;
    case plan::RedactMethod::remove: return PhiMethod::remove;
    case plan::RedactMethod::year: return PhiMethod::year;
    case plan::RedactMethod::zip3: return PhiMethod::zip3;
    case plan::RedactMethod::mask: return item.shape || item.amount > 0 ? PhiMethod::mask_part : PhiMethod::mask;
    case plan::RedactMethod::shift: return PhiMethod::shift;
    case plan::RedactMethod::hash: return PhiMethod::hash;
    case plan::RedactMethod::synthetic: return PhiMethod::synthetic;
  }
  return PhiMethod::remove;
}

std::uint16_t part_count(hl7::Version version, std::string_view type) {
  const hl7::Datatype datatype = version.datatype(type);
  return datatype && datatype.is_composite() ? datatype.component_count() : std::uint16_t{1};
}

/// Data type of a component; the type itself where it has none and the first is meant.
std::string_view part_type(hl7::Version version, std::string_view type, std::uint16_t number) {
  const hl7::Datatype datatype = version.datatype(type);
  if (!datatype || !datatype.is_composite()) return number == 1 ? type : std::string_view();
  const hl7::Component part = datatype.component(number);
  return part ? part.type() : std::string_view();
}

/// Of a part that a version does not have: nothing, but where the whole may be anything (free text, `varies`), so is its part.
PhiMark mark_where_undefined(PhiMark of_first) {
  return of_first.kind == PhiKind::text || of_first.kind == PhiKind::unknown ? of_first : PhiMark{};
}

bool has_form(hl7::Primitive form) { return form != hl7::Primitive::other && form != hl7::Primitive::tn; }

}  // namespace

RedactionTable::RedactionTable(const plan::Plan& plan, const plan::Redaction& redaction) : plan_(plan), redaction_(redaction) {
  const hl7::VersionMatch match = hl7::find_version(plan.text(redaction.version));
  if (redaction.version != 0 && match.version) {
    versions_.push_back(match.version);
  } else {
    for (std::size_t i = hl7::version_count(); i > 0; --i) versions_.push_back(hl7::version_at(i - 1));
  }
  for (const plan::RedactionItem& item : redaction.items) {
    hl7::RedactionRule rule;
    rule.layer = item.layer;
    if (item.segment != 0) rule.segment = hl7::name_key(plan.text(item.segment));
    rule.field = item.field;
    rule.component = item.component;
    rule.subcomponent = item.subcomponent;
    for (plan::Id i = 0; i < item.labels.count; ++i) {
      const hl7::RedactionLabel* label = hl7::redaction_label(plan.text(plan.lists[item.labels.first + i]));
      if (label == nullptr) continue;  // of a plan by a newer compiler: nothing is kept for it
      rule.kinds |= label->kinds;
      rule.labels |= label->labels;
    }
    rule.method = method_of(item);
    folds_ages_ = folds_ages_ || rule.method == PhiMethod::year;
    rules_.push_back(rule);
  }
}

RedactionNode RedactionTable::segment(hl7::NameKey key, std::string_view name) {
  if (const auto known = segments_.find(key); known != segments_.end() && key != 0) return known->second;
  return compile(key, name);
}

RedactionNode RedactionTable::compile(hl7::NameKey key, std::string_view name) {
  const bool standard =
      std::any_of(versions_.begin(), versions_.end(), [name](hl7::Version version) { return bool(version.segment(name)); });
  const plan::LocalSegment* local = nullptr;
  if (redaction_.message != plan::kNone) {
    for (const plan::LocalSegment& one : plan_.messages[redaction_.message].segments) {
      if (plan_.text(one.name) == name) local = &one;
    }
  }
  const bool named =
      key != 0 && std::any_of(rules_.begin(), rules_.end(), [key](const auto& rule) { return rule.segment == key; });
  if (!standard && local == nullptr && !named) {
    RedactionNode unknown;  // not kept: what senders invent is without number
    unknown.deed = beyond_stays({key, 0, 0, 0}) ? Deed::keep : Deed::remove;
    return unknown;
  }
  const RedactionNode node = standard           ? standard_segment(key, name)
                             : local != nullptr ? local_segment(key, *local)
                                                : named_segment(key);
  segments_.emplace(key, node);
  return node;
}

RedactionNode RedactionTable::standard_segment(hl7::NameKey key, std::string_view name) {
  std::uint16_t most = 0;
  for (const hl7::Version version : versions_) {
    if (const hl7::Segment segment = version.segment(name)) most = std::max(most, segment.field_count());
  }
  std::vector<RedactionNode> fields;
  for (std::uint16_t number = 1; number <= most; ++number) {
    std::vector<Defined> defined, withdrawn;
    bool varies = false;
    for (const hl7::Version version : versions_) {
      const hl7::Segment segment = version.segment(name);
      const hl7::Field field = segment ? segment.field(number) : hl7::Field();
      if (!field) continue;
      varies = varies || field.varies();
      (field.withdrawn() ? withdrawn : defined).push_back({version, field.withdrawn() ? std::string_view("WD") : field.type()});
    }
    // A number is never given to another field: what it was before it was withdrawn, it still is.
    if (defined.empty()) defined = std::move(withdrawn);
    if (varies && key == kObx && number == 5) {
      fields.emplace_back();
      fields.back().deed = Deed::by_type;
      continue;
    }
    fields.push_back(value(key, number, defined, [&](hl7::Version version, unsigned component, unsigned subcomponent) {
      return hl7::label_of(version, name, number, component, subcomponent);
    }));
  }
  return parts(std::move(fields), {key, static_cast<std::uint16_t>(most + 1), 1, 1});
}

/// A segment that the site's profile declares, with its labels.
RedactionNode RedactionTable::local_segment(hl7::NameKey key, const plan::LocalSegment& segment) {
  std::vector<RedactionNode> fields;
  const auto declared = std::span(plan_.local_fields).subspan(segment.fields.first, segment.fields.count);
  std::uint16_t most = 0;
  for (const plan::LocalField& field : declared) most = std::max(most, field.number);
  for (std::uint16_t number = 1; number <= most; ++number) {
    const auto at =
        std::find_if(declared.begin(), declared.end(), [number](const auto& field) { return field.number == number; });
    if (at == declared.end()) {
      fields.emplace_back();
      fields.back().deed = beyond_stays({key, number, 1, 1}) ? Deed::keep : Deed::remove;
      continue;
    }
    const PhiMark mark = hl7::declared_label(plan_.text(at->phi)).value_or(kUnknown);
    const Defined defined[] = {{versions_.front(), plan_.text(at->type)}};
    fields.push_back(value(key, number, defined, [mark](hl7::Version, unsigned, unsigned) { return mark; }));
  }
  return parts(std::move(fields), {key, static_cast<std::uint16_t>(most + 1), 1, 1});
}

/// A segment of which no more is known than what the redaction says.
RedactionNode RedactionTable::named_segment(hl7::NameKey key) {
  std::uint16_t most = 0;
  for (const auto& rule : rules_) {
    if (rule.segment == key) most = std::max(most, rule.field);
  }
  std::vector<RedactionNode> fields;
  for (std::uint16_t number = 1; number <= most; ++number) {
    std::uint16_t components = 0;
    for (const auto& rule : rules_) {
      if (rule.segment == key && rule.field == number) components = std::max(components, rule.component);
    }
    const auto one = [&](std::uint16_t component) {
      const RedactionPlace place{key, number, component, 1};
      RedactionNode node = leaf({place, kUnknown, hl7::effect_at(rules_, redaction_.allow, place, kUnknown), {}});
      const bool named = node.rule != kNoRule && rules_[node.rule].segment == key;
      if (node.method == PhiMethod::keep && named && rules_[node.rule].field == number) node.deed = Deed::keep;
      return node;
    };
    if (components == 0) {
      fields.push_back(one(1));
      continue;
    }
    std::vector<RedactionNode> below;
    for (std::uint16_t component = 1; component <= components; ++component) below.push_back(one(component));
    fields.push_back(parts(std::move(below), {key, number, static_cast<std::uint16_t>(components + 1), 1}));
  }
  return parts(std::move(fields), {key, static_cast<std::uint16_t>(most + 1), 1, 1});
}

RedactionNode RedactionTable::typed(std::string_view type) {
  if (const auto known = types_.find(type); known != types_.end()) return known->second;
  std::vector<Defined> defined;
  for (const hl7::Version version : versions_) {
    if (const hl7::Datatype datatype = version.datatype(type)) defined.push_back({version, datatype.name()});
  }
  const RedactionPlace place{kObx, 5, 1, 1};
  if (defined.empty()) {
    RedactionNode node = leaf({place, kUnknown, hl7::effect_at(rules_, redaction_.allow, place, kUnknown), {}});
    if (node.method == PhiMethod::keep) node.deed = Deed::keep;
    return node;
  }
  const std::string_view name = defined.front().type;
  const RedactionNode node = value(kObx, 5, defined, [name](hl7::Version version, unsigned component, unsigned subcomponent) {
    return hl7::label_of_type(version, name, component, subcomponent);
  });
  types_.emplace(name, node);
  return node;
}

bool RedactionTable::takes_away(const RedactionPlace& place, std::string_view segment, std::string_view type) const {
  PhiMark mark;
  bool known = false;
  const auto field_of = [&](hl7::Version version) {
    const hl7::Segment definition = version.segment(segment);
    return definition ? definition.field(place.field) : hl7::Field();
  };
  const bool in_use = std::any_of(versions_.begin(), versions_.end(), [&](hl7::Version version) {
    const hl7::Field field = field_of(version);
    return field && !field.withdrawn();
  });
  for (const hl7::Version version : versions_) {
    const hl7::Field field = field_of(version);
    if (!field || (field.withdrawn() && in_use)) continue;
    const bool typed = field.varies() && place.segment == kObx;
    const std::string_view outer = part_type(version, typed ? type : field.type(), place.component);
    if (typed && !version.datatype(type)) continue;
    const auto label = [&](unsigned component, unsigned subcomponent) {
      return typed ? hl7::label_of_type(version, type, component, subcomponent)
                   : hl7::label_of(version, segment, place.field, component, subcomponent);
    };
    const bool defined = !outer.empty() && !part_type(version, outer, place.subcomponent).empty();
    mark = hl7::stronger(mark, defined ? label(place.component, place.subcomponent)
                                       : mark_where_undefined(label(outer.empty() ? 1 : place.component, 1)));
    known = known || defined;
  }
  if (!known) mark = kUnknown;
  if (!mark.identifies()) return false;
  const PhiMethod method = hl7::effect_at(rules_, redaction_.allow, place, mark).method;
  return method != PhiMethod::keep && method != PhiMethod::shift;
}

template <class MarkOf>
RedactionNode RedactionTable::value(hl7::NameKey key, std::uint16_t field, std::span<const Defined> defined, MarkOf&& mark_of) {
  std::uint16_t components = 1;
  for (const Defined& one : defined) components = std::max(components, part_count(one.version, one.type));
  std::vector<Leaf> leaves;
  std::vector<std::uint16_t> counts;
  for (std::uint16_t component = 1; component <= components; ++component) {
    std::uint16_t count = 1;
    for (const Defined& one : defined) {
      const std::string_view type = part_type(one.version, one.type, component);
      if (!type.empty()) count = std::max(count, part_count(one.version, type));
    }
    counts.push_back(count);
    for (std::uint16_t subcomponent = 1; subcomponent <= count; ++subcomponent) {
      Leaf leaf{{key, field, component, subcomponent}, {}, {}, {}};
      for (const Defined& one : defined) {
        const std::string_view outer = part_type(one.version, one.type, component);
        const std::string_view type = outer.empty() ? outer : part_type(one.version, outer, subcomponent);
        const PhiMark mark = type.empty() ? mark_where_undefined(mark_of(one.version, outer.empty() ? 1 : component, 1))
                                          : mark_of(one.version, component, subcomponent);
        leaf.mark = hl7::stronger(leaf.mark, mark);
        if (!type.empty() && leaf.type.empty()) leaf.type = type, leaf.mark = hl7::stronger(mark, leaf.mark);
      }
      if (leaf.type.empty()) leaf.mark = kUnknown;
      leaf.effect = hl7::effect_at(rules_, redaction_.allow, leaf.place, leaf.mark);
      leaves.push_back(leaf);
    }
  }
  spare_what_identifies_nobody(leaves);
  std::vector<RedactionNode> below;
  std::size_t at = 0;
  for (std::uint16_t component = 1; component <= components; ++component) {
    const std::uint16_t count = counts[component - 1U];
    if (count == 1) {
      below.push_back(leaf(leaves[at++]));
      continue;
    }
    std::vector<RedactionNode> subs;
    for (std::uint16_t i = 0; i < count; ++i) subs.push_back(leaf(leaves[at++]));
    below.push_back(parts(std::move(subs), {key, field, component, static_cast<std::uint16_t>(count + 1)}));
  }
  if (components == 1) return below.front();
  return parts(std::move(below), {key, field, static_cast<std::uint16_t>(components + 1), 1});
}

/// A method on a composite works on what identifies; the type of an identifier and who gave it stay. If nothing in it does, it
/// works on all of it, as it was asked to.
void RedactionTable::spare_what_identifies_nobody(std::vector<Leaf>& leaves) const {
  for (Leaf& one : leaves) {
    const bool changes = one.effect.method != PhiMethod::keep && one.effect.method != PhiMethod::remove;
    if (!changes || one.mark.identifies() || !one.effect.rule) continue;
    const auto& rule = rules_[*one.effect.rule];
    if (rule.segment == 0) continue;
    const bool identifies = std::any_of(leaves.begin(), leaves.end(), [&one](const Leaf& other) {
      return other.effect.rule == one.effect.rule && other.mark.identifies();
    });
    if (identifies) one.effect.method = PhiMethod::keep;
  }
}

RedactionNode RedactionTable::leaf(const Leaf& leaf) const {
  RedactionNode node;
  node.method = leaf.effect.method;
  node.kind = leaf.mark.kind;
  node.form = hl7::primitive_of(leaf.type);
  node.component = static_cast<std::uint8_t>(std::min<unsigned>(leaf.place.component, 255));
  node.subcomponent = static_cast<std::uint8_t>(std::min<unsigned>(leaf.place.subcomponent, 255));
  if (leaf.effect.rule) node.rule = static_cast<std::uint16_t>(*leaf.effect.rule);
  if (node.method == PhiMethod::remove) return node;
  node.deed = node.method == PhiMethod::keep && !redaction_.allow ? Deed::keep : Deed::value;
  // What a label lets stay is what the label speaks of: a number, not whatever stands in a number's place.
  const bool by_label = leaf.effect.rule && rules_[*leaf.effect.rule].segment == 0;
  node.only_if_formed = node.method == PhiMethod::keep && by_label && has_form(node.form);
  return node;
}

bool RedactionTable::beyond_stays(const RedactionPlace& place) const {
  const hl7::RedactionEffect effect = hl7::effect_at(rules_, redaction_.allow, place, kUnknown);
  if (effect.method != PhiMethod::keep) return false;
  return !redaction_.allow || (effect.rule && rules_[*effect.rule].segment == 0);
}

RedactionNode RedactionTable::parts(std::vector<RedactionNode> children, const RedactionPlace& beyond) {
  RedactionNode node;
  node.beyond_stays = beyond_stays(beyond);
  const auto all = [&children](Deed deed) {
    return std::all_of(children.begin(), children.end(), [deed](const RedactionNode& child) { return child.deed == deed; });
  };
  node.deed = Deed::parts;
  if (node.beyond_stays && all(Deed::keep)) node.deed = Deed::keep;
  if (!node.beyond_stays && all(Deed::remove)) node.deed = Deed::remove;
  if (node.deed != Deed::parts) {
    // One deed for all of it; the item too, if it is one.
    const std::uint16_t rule = children.empty() ? kNoRule : children.front().rule;
    if (std::ranges::all_of(children, [rule](const RedactionNode& child) { return child.rule == rule; })) node.rule = rule;
    return node;
  }
  node.first = static_cast<std::uint32_t>(nodes_.size());
  node.count = static_cast<std::uint32_t>(children.size());
  nodes_.insert(nodes_.end(), children.begin(), children.end());
  return node;
}

}  // namespace smarthl7::eval

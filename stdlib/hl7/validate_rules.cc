// SPDX-License-Identifier: Apache-2.0
// Making a Validator: the dictionary's facts and a site's additions, flattened for checking.
#include <algorithm>
#include <utility>

#include "stdlib/hl7/validate.h"

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] std::vector<LocalSegment> places_of(const SiteRules& rules) {
  std::vector<LocalSegment> places;
  for (const LocalSegmentDefinition& segment : rules.segments) places.push_back(segment.place);
  return places;
}

}  // namespace

Validator::Validator(Version version, Structure structure, SiteRules rules)
    : version_(version),
      structure_(structure),
      rules_(std::move(rules)),
      local_places_(places_of(rules_)),
      placer_(structure, local_places_) {
  for (std::size_t index = 0; index < version.datatype_count(); ++index) {
    static_cast<void>(type_check(version.datatype_at(index)));
  }
  for (NodeIndex index = 0; index < structure.node_count(); ++index) {
    const StructureNode node = structure.node(index);
    if (node.kind() == NodeKind::segment && node.segment()) add_segment(node.segment());
  }
  for (const LocalSegmentDefinition& local : rules_.segments) add_local(local);
  std::sort(segments_.begin(), segments_.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  make_quick();
}

const Validator::TypeCheck* Validator::type_check(const Datatype& type) {
  if (!type) return nullptr;
  if (const TypeCheck* known = named_type(type.name())) return known;
  types_.push_back(std::make_unique<TypeCheck>());
  TypeCheck& check = *types_.back();  // known before its components, so that a type that holds itself ends
  check.name = type.name();
  check.primitive = type.is_composite() ? Primitive::other : primitive_of(type.name());
  for (std::uint16_t number = 1; number <= type.component_count(); ++number) {
    PartCheck part = make_part(type.component(number));
    // Before 2.5 the time in a TS is called an ST.
    if (number == 1 && type.name() == "TS") part.primitive = Primitive::dtm;
    part.trivial = part.trivial && part.primitive == Primitive::other;
    if (part.required) check.last_required = number;
    check.components.push_back(part);
  }
  return &check;
}

Validator::PartCheck Validator::make_part(const Part& part) {
  PartCheck check;
  check.number = part.number();
  check.max = part.max();
  check.required = part.required() && !part.withdrawn();
  check.withdrawn = part.withdrawn();
  check.varies = part.varies();
  check.length = part.length();
  check.name = part.name();
  if (const Datatype type = part.datatype()) {
    if (type.is_composite()) {
      check.composite = type_check(type);
    } else {
      check.primitive = primitive_of(type.name());
    }
    const Table table = part.table();
    if (part.type() == "ID" && table && table.closed() && table.size() > 0) check.codes = table;
  }
  check.trivial = !check.withdrawn && !check.varies && check.length == 0 && check.composite == nullptr && !check.codes &&
                  check.primitive == Primitive::other && !check.required;
  return check;
}

void Validator::add_segment(Segment segment) {
  const NameKey key = name_key(segment.name());
  const auto same = [&](const SegmentCheck& known) { return known.key == key; };
  if (std::any_of(segments_.begin(), segments_.end(), same)) return;
  SegmentCheck check;
  check.key = key;
  for (std::uint16_t number = 1; number <= segment.field_count(); ++number) {
    check.fields.push_back(make_part(segment.field(number)));
    const bool delimiters = key == name_key("MSH") && number <= 2;
    if (delimiters) check.fields.back() = PartCheck{number, 1};
    if (check.fields.back().required) check.needed.push_back(number);
  }
  segments_.push_back(std::move(check));
}

void Validator::add_local(const LocalSegmentDefinition& local) {
  SegmentCheck check;
  check.key = name_key(local.place.name);
  for (const LocalField& field : local.fields) {
    while (check.fields.size() + 1 < field.number) {
      check.fields.push_back(PartCheck{static_cast<std::uint16_t>(check.fields.size() + 1), kUnbounded});
    }
    PartCheck part;
    part.number = field.number;
    part.max = field.repeats ? kUnbounded : std::uint16_t{1};
    part.required = field.required;
    part.length = field.length;
    part.name = field.name;
    if (const Datatype type = version_.datatype(field.type); type && type.is_composite()) {
      part.composite = type_check(type);
    } else {
      part.primitive = primitive_of(field.type);
    }
    part.trivial = false;
    if (part.required) check.needed.push_back(part.number);
    check.fields.push_back(part);
  }
  segments_.push_back(std::move(check));
}

void Validator::make_quick() {
  for (const auto& type : types_) {
    for (const PartCheck& component : type->components) type->quick.push_back(quick_component(component));
  }
  for (SegmentCheck& segment : segments_) {
    for (const PartCheck& field : segment.fields) segment.quick.push_back(quick_field(field));
  }
}

QuickCheck Validator::quick_field(const PartCheck& field) {
  QuickCheck quick;
  if (field.withdrawn) return quick;
  if (field.trivial) {
    quick.kind = field.max == kUnbounded ? QuickCheck::Kind::nothing : QuickCheck::Kind::any;
    return quick;
  }
  quick.kind = QuickCheck::Kind::tests;
  add_tests(field, quick);
  return quick;
}

/// A value without subcomponent separators is the first subcomponent too.
QuickCheck Validator::quick_component(const PartCheck& component) {
  QuickCheck quick;
  quick.required = component.required;
  if (component.withdrawn) return quick;
  quick.kind = component.trivial ? QuickCheck::Kind::any : QuickCheck::Kind::tests;
  if (component.trivial) return quick;
  add_tests(component, quick);
  if (component.composite == nullptr) return quick;
  const TypeCheck& type = *component.composite;
  if (type.components.empty() || type.last_required > 1 || type.components[0].withdrawn) {
    quick.kind = QuickCheck::Kind::never;
  } else if (!type.components[0].trivial) {
    add_tests(type.components[0], quick);
  }
  return quick;
}

void Validator::add_tests(const PartCheck& part, QuickCheck& quick) {
  if (part.length != 0) quick.most = std::min(quick.most, part.length);
  if (part.composite != nullptr) return;
  quick.primitive = part.primitive;
  quick.codes = part.codes ? code_set(part.codes) : nullptr;
}

const CodeSet* Validator::code_set(const Table& table) {
  for (const auto& [number, codes] : code_sets_) {
    if (number == table.number()) return codes.get();
  }
  auto codes = std::make_unique<CodeSet>();
  for (std::size_t index = 0; index < table.size(); ++index) codes->add(table.code(index).code);
  for (const auto& [number, code] : rules_.codes) {
    if (number == table.number()) codes->add(code);
  }
  return code_sets_.emplace_back(table.number(), std::move(codes)).second.get();
}

const Validator::SegmentCheck* Validator::segment_check(NameKey key) const {
  const auto less = [](const SegmentCheck& check, NameKey wanted) { return check.key < wanted; };
  const auto found = std::lower_bound(segments_.begin(), segments_.end(), key, less);
  return found != segments_.end() && found->key == key ? &*found : nullptr;
}

const Validator::TypeCheck* Validator::named_type(std::string_view name) const {
  for (const auto& type : types_) {
    if (type->name == name) return type.get();
  }
  return nullptr;
}

bool Validator::is_added(std::uint16_t table, std::string_view code) const {
  return std::any_of(rules_.codes.begin(), rules_.codes.end(),
                     [&](const auto& added) { return added.first == table && added.second == code; });
}

}  // namespace smarthl7::hl7

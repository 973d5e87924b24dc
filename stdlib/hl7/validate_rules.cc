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

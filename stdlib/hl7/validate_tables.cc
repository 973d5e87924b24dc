// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate_tables.h"

#include <algorithm>
#include <utility>

#include "stdlib/base/assert.h"

namespace smarthl7::hl7 {
namespace {

// 65536 and 99999 stand for "a very large number" (2.5.1 chapter 2, 2.5.3.2): they limit nothing.
constexpr std::uint32_t kNoRealLimit = 65000;

[[nodiscard]] Shape shape_of(std::string_view type) {
  constexpr std::pair<std::string_view, Shape> kShapes[] = {
      {"HD", Shape::hd}, {"EI", Shape::ei}, {"CX", Shape::cx}, {"XCN", Shape::xcn}, {"XON", Shape::xon},
      {"SN", Shape::sn}, {"MO", Shape::mo}, {"ED", Shape::ed}, {"XTN", Shape::xtn},
  };
  for (const auto& [name, shape] : kShapes) {
    if (name == type) return shape;
  }
  return Shape::none;
}

/// The components whose value a shape must look at.
[[nodiscard]] std::uint64_t looked_at(Shape shape) {
  const auto bits = [](auto... numbers) { return ((std::uint64_t{1} << static_cast<unsigned>(numbers)) | ...); };
  switch (shape) {
    case Shape::none: return 0;
    case Shape::hd: return bits(2, 3);
    case Shape::ei: return bits(3, 4);
    case Shape::cx: return bits(2);
    case Shape::xcn: return bits(11);
    case Shape::xon: return bits(4);
    case Shape::sn: return bits(1, 3, 4);
    case Shape::mo: return bits(2);
    case Shape::ed: return bits(5);
    case Shape::xtn: return bits(4);
  }
  return 0;
}

class Maker {
 public:
  Maker(Version version, Structure structure, const SiteRules& rules)
      : version_(version), structure_(structure), rules_(rules) {}

  std::unique_ptr<const ValidationTables> make() {
    tables_.truncation = compare_versions(version_.name(), "2.7").value_or(-1) >= 0;
    tables_.structure_named = compare_versions(version_.name(), "2.5").value_or(-1) >= 0;
    for (std::size_t index = 0; index < version_.datatype_count(); ++index) {
      static_cast<void>(type_check(version_.datatype_at(index)));
    }
    add_simple_types();
    bool any_segment = false;
    for (NodeIndex index = 0; index < structure_.node_count(); ++index) {
      const StructureNode node = structure_.node(index);
      any_segment = any_segment || node.kind() == NodeKind::any_segment;
      if (node.kind() == NodeKind::segment && node.segment()) add_segment(node.segment());
    }
    for (std::size_t index = 0; any_segment && index < version_.segment_count(); ++index) {
      add_segment(version_.segment_at(index));
    }
    for (const LocalSegmentDefinition& local : rules_.segments) add_local(local);
    std::sort(tables_.segments.begin(), tables_.segments.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    make_quick();
    return std::make_unique<const ValidationTables>(std::move(tables_));
  }

 private:
  const TypeCheck* type_check(const Datatype& type) {
    if (!type) return nullptr;
    if (const TypeCheck* known = tables_.type(type.name())) return known;
    tables_.types.push_back(std::make_unique<TypeCheck>());
    TypeCheck& check = *tables_.types.back();  // known before its components, so that a type that holds itself ends
    check.name = type.name();
    if (!type.is_composite()) {
      check.primitive = primitive_of(type.name(), version_.name());
      return &check;
    }
    check.shape = shape_of(type.name());
    for (std::uint16_t number = 1; number <= type.component_count(); ++number) {
      PartCheck part = make_part(type.component(number));
      if (number == 1) part.primitive = first_primitive(type.name(), part.primitive);
      if (number == 3 && type.name() == "MSG") part.required = false;  // the structure's own rule speaks of it
      if (part.required) check.last_required = number;
      check.components.push_back(part);
    }
    check.conditions = conditions_of(type.name(), version_.name());
    for (const Condition& condition : check.conditions) check.needs.push_back(condition.quick);
    if (const std::uint64_t bits = looked_at(check.shape); bits != 0) {
      for (std::uint64_t bit = 1; bit != 0 && bit <= bits; bit <<= 1U) {
        if ((bits & bit) != 0) check.needs.push_back({bit, 0});
      }
    }
    return &check;
  }

  /// Types that every version describes, also where no field has them (TM and FT in 2.1): OBX-2 may name them.
  void add_simple_types() {
    for (const std::string_view name : {"ST", "TX", "FT", "NM", "DT", "TM", "SI", "ID"}) {
      if (tables_.type(name) != nullptr) continue;
      tables_.types.push_back(std::make_unique<TypeCheck>());
      tables_.types.back()->name = name;
      tables_.types.back()->primitive = primitive_of(name, version_.name());
    }
  }

  /// Before 2.5 the time in a TS is called an ST; in 2.5 and 2.5.1 so is the telephone number of an XTN.
  [[nodiscard]] Primitive first_primitive(std::string_view type, Primitive stated) const {
    if (type == "TS") return primitive_of("TS", version_.name());
    if (type == "XTN" && compare_versions(version_.name(), "2.6").value_or(0) < 0) return Primitive::tn;
    return stated;
  }

  PartCheck make_part(const Part& part) {
    PartCheck check;
    check.number = part.number();
    check.max = part.max();
    check.required = part.required() && !part.withdrawn();
    check.withdrawn = part.withdrawn();
    check.opaque = part.varies();
    check.length = part.length() < kNoRealLimit ? part.length() : 0;
    check.name = part.name();
    if (const Datatype type = part.datatype()) {
      if (type.is_composite()) {
        check.composite = type_check(type);
      } else {
        check.primitive = primitive_of(type.name(), version_.name());
      }
      check.codes = code_check(part);
      // A code of the standard is not too long: OBX-2 has two characters in 2.5.1, and its table three-letter types.
      if (check.length != 0 && check.codes != nullptr && check.codes->rule == Rule::code) {
        check.length = std::max(check.length, longest_code(check.codes->table));
      }
    }
    return check;
  }

  /// Tables of ID parts that HL7 defines are closed; so is what the site closes; the values of IS parts are suggestions.
  const CodeCheck* code_check(const Part& part) {
    const std::uint16_t number = part.table_number();
    if (number == 0) return nullptr;
    const Table table = part.table();
    const bool filled = table && table.size() > 0;
    const bool by_site = std::find(rules_.closed.begin(), rules_.closed.end(), number) != rules_.closed.end();
    Rule rule = Rule::other;
    if (filled && table.closed() && part.type() == "ID") {
      rule = Rule::code;
    } else if (by_site) {
      rule = Rule::code_closed_by_site;
    } else if (filled && part.type() == "IS") {
      rule = Rule::code_suggested;
    } else {
      return nullptr;
    }
    for (const auto& known : tables_.codes) {
      if (known->number == number && known->rule == rule) return known.get();
    }
    auto check = std::make_unique<CodeCheck>();
    check->number = number;
    check->table = table;
    check->rule = rule;
    for (std::size_t index = 0; filled && index < table.size(); ++index) check->quick.add(table.code(index).code);
    for (const auto& [added_to, code] : rules_.codes) {
      if (added_to != number) continue;
      check->quick.add(code);
      check->added.push_back(code);
    }
    return tables_.codes.emplace_back(std::move(check)).get();
  }

  [[nodiscard]] static std::uint32_t longest_code(const Table& table) {
    std::size_t longest = 0;
    for (std::size_t index = 0; index < table.size(); ++index) longest = std::max(longest, table.code(index).code.size());
    return static_cast<std::uint32_t>(longest);
  }

  void add_segment(const Segment& segment) {
    const NameKey key = name_key(segment.name());
    const auto same = [&](const SegmentCheck& known) { return known.key == key; };
    if (std::any_of(tables_.segments.begin(), tables_.segments.end(), same)) return;
    SegmentCheck check;
    check.key = key;
    check.open_ended = key == name_key("QPD") || key == name_key("RDT");
    for (std::uint16_t number = 1; number <= segment.field_count(); ++number) {
      PartCheck part = make_part(segment.field(number));
      if (is_header(key) && number <= 2) {
        part = {};
        part.number = number;
        part.opaque = true;
      }
      if (part.opaque) part.type_from = type_field(key, number);
      part.columns = part.opaque && key == name_key("RDT");
      if (part.required) check.needed.push_back(number);
      check.fields.push_back(part);
    }
    for (Condition& condition : conditions_of(segment.name(), version_.name())) {
      // What is always required needs no condition.
      const std::uint16_t first = condition.wanted.front();
      SMARTHL7_ASSERT(check.fields.size() < 64, "conditions are looked up by bits");
      if (first <= check.fields.size() && !check.fields[first - 1U].required) check.conditions.push_back(std::move(condition));
    }
    tables_.segments.push_back(std::move(check));
  }

  [[nodiscard]] static std::uint16_t type_field(NameKey key, std::uint16_t number) {
    if (key == name_key("OBX") && number == 5) return 2;
    if (key == name_key("MFE") && number == 4) return 5;
    if (key == name_key("MFA") && number == 5) return 6;
    return 0;
  }

  void add_local(const LocalSegmentDefinition& local) {
    SegmentCheck check;
    check.key = name_key(local.place.name);
    for (const LocalField& field : local.fields) {
      while (check.fields.size() + 1 < field.number) {
        PartCheck unknown;
        unknown.number = static_cast<std::uint16_t>(check.fields.size() + 1);
        unknown.max = kUnbounded;
        unknown.opaque = true;
        check.fields.push_back(unknown);
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
        part.primitive = primitive_of(field.type, version_.name());
      }
      if (part.required) check.needed.push_back(part.number);
      check.fields.push_back(part);
    }
    tables_.segments.push_back(std::move(check));
  }

  void make_quick() {
    for (const auto& type : tables_.types) {
      for (const PartCheck& component : type->components) type->quick.push_back(quick_component(component));
    }
    for (SegmentCheck& segment : tables_.segments) {
      for (const PartCheck& field : segment.fields) segment.quick.push_back(quick_field(field));
    }
  }

  static QuickCheck quick_field(const PartCheck& field) {
    QuickCheck quick;
    if (field.withdrawn || field.columns) return quick;
    if (field.composite != nullptr && field.codes != nullptr) return quick;
    quick.kind = QuickCheck::Kind::any;
    add_tests(field, quick);
    return quick;
  }

  /// A value without subcomponent separators is the first subcomponent too.
  static QuickCheck quick_component(const PartCheck& component) {
    QuickCheck quick;
    quick.required = component.required;
    if (component.withdrawn || (component.composite != nullptr && component.codes != nullptr)) return quick;
    quick.kind = QuickCheck::Kind::any;
    add_tests(component, quick);
    if (component.composite == nullptr) return quick;
    const TypeCheck& type = *component.composite;
    const auto met = [](const QuickNeed& need) { return need.holds(2, 2); };  // only the first one is there
    if (type.components.empty() || type.last_required > 1 || type.components[0].withdrawn ||
        type.components[0].composite != nullptr || !std::all_of(type.needs.begin(), type.needs.end(), met)) {
      quick.kind = QuickCheck::Kind::never;
    } else {
      add_tests(type.components[0], quick);
    }
    return quick;
  }

  static void add_tests(const PartCheck& part, QuickCheck& quick) {
    if (part.length != 0) quick.most = std::min(quick.most, part.length);
    quick.least = std::max(quick.least, part.least);
    if (part.composite == nullptr) {
      quick.primitive = part.primitive;
      if (part.codes != nullptr) {
        quick.codes = &part.codes->quick;
        quick.suggested = part.codes->rule == Rule::code_suggested;
      }
    }
    const bool tests =
        quick.most != QuickCheck::kNoLimit || quick.least != 0 || quick.primitive != Primitive::other || quick.codes != nullptr;
    if (tests) quick.kind = QuickCheck::Kind::tests;
  }

  Version version_;
  Structure structure_;
  const SiteRules& rules_;
  ValidationTables tables_;
};

}  // namespace

bool CodeCheck::contains(std::string_view code) const {
  return quick.contains(code) || (table && table.contains(code)) || std::find(added.begin(), added.end(), code) != added.end();
}

const SegmentCheck* ValidationTables::segment(NameKey key) const {
  const auto less = [](const SegmentCheck& check, NameKey wanted) { return check.key < wanted; };
  const auto found = std::lower_bound(segments.begin(), segments.end(), key, less);
  return found != segments.end() && found->key == key ? &*found : nullptr;
}

const TypeCheck* ValidationTables::type(std::string_view name) const {
  for (const auto& type : types) {
    if (type->name == name) return type.get();
  }
  return nullptr;
}

std::unique_ptr<const ValidationTables> make_validation_tables(Version version, Structure structure, const SiteRules& rules) {
  return Maker(version, structure, rules).make();
}

}  // namespace smarthl7::hl7

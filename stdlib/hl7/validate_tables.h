// SPDX-License-Identifier: Apache-2.0
// What a Validator looks at per message, flattened from the dictionary and a site's additions: segments with their fields,
// data types with their components, tables of codes, conditions. Made once, then immutable (any thread). Internal to this
// folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/quick_check.h"
#include "stdlib/hl7/validate.h"
#include "stdlib/hl7/validate_conditions.h"

namespace smarthl7::hl7 {

/// What a data type demands of its components beyond their own types.
enum class Shape : std::uint8_t { none, hd, ei, cx, xcn, xon, sn, mo, ed, xtn };

struct TypeCheck;

/// The codes that a part may hold.
struct CodeCheck {
  std::uint16_t number = 0;
  Table table{};
  Rule rule = Rule::code;
  std::vector<std::string> added;
  CodeSet quick;

  [[nodiscard]] bool contains(std::string_view code) const;
};

/// A field or component.
struct PartCheck {
  std::uint16_t number = 0;
  std::uint16_t max = 1;
  std::uint16_t type_from = 0;  // the type comes from this field of the segment (OBX-5: from 2)
  bool required = false;
  bool withdrawn = false;
  bool opaque = false;   // nothing is known of it, or the delimiters stand there
  bool columns = false;  // RDT: the type comes from RDF-2
  Primitive primitive = Primitive::other;
  std::uint32_t length = 0;
  std::uint32_t least = 0;
  const CodeCheck* codes = nullptr;  // of a composite: of its first component
  const TypeCheck* composite = nullptr;
  std::string_view name{};
};

struct TypeCheck {
  std::string_view name;
  Primitive primitive = Primitive::other;
  Shape shape = Shape::none;
  std::vector<PartCheck> components;  // empty for a primitive
  std::vector<QuickCheck> quick;      // of the components
  std::vector<QuickNeed> needs;
  std::vector<Condition> conditions;
  std::uint16_t last_required = 0;  // number of the last component that must be there
};

struct SegmentCheck {
  NameKey key = 0;
  bool open_ended = false;  // more fields may follow (QPD, RDT)
  std::vector<PartCheck> fields;
  std::vector<QuickCheck> quick;      // of the fields; one with a composite type: of the whole value
  std::vector<std::uint16_t> needed;  // numbers of the required fields
  std::vector<Condition> conditions;
};

struct ValidationTables {
  std::vector<std::unique_ptr<TypeCheck>> types;  // by order of first use; also all that OBX-2 may name
  std::vector<SegmentCheck> segments;             // sorted by key
  std::vector<std::unique_ptr<CodeCheck>> codes;
  bool truncation = false;       // 2.7 and later
  bool structure_named = false;  // MSH-9.3 is required: 2.5 and later

  [[nodiscard]] const SegmentCheck* segment(NameKey key) const;
  [[nodiscard]] const TypeCheck* type(std::string_view name) const;
};

[[nodiscard]] std::unique_ptr<const ValidationTables> make_validation_tables(Version version, Structure structure,
                                                                             const SiteRules& rules);

}  // namespace smarthl7::hl7

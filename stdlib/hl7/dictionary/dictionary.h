// SPDX-License-Identifier: Apache-2.0
// The facts of the HL7 v2 standard: structures, segments, data types and tables of each version we carry. They are
// compiled into one read-only blob in the executable and read in place: nothing is parsed or allocated at start.
// All types here are handles, one or two pointers big, valid for ever (but those of a local structure, local_structure.h);
// an empty handle (`if (!handle)`) means "there is no such thing", and only operator bool may be called on it. Names are
// views into the blob. Any thread; no failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smarthl7::hl7 {

namespace blob {
struct Version;
struct Structure;
struct Node;
struct Definition;
struct Part;
struct Table;
}  // namespace blob

class Table;
class Datatype;
class Segment;
class Structure;
class Version;

inline constexpr std::uint16_t kUnbounded = 0;     // as a maximum: any number
inline constexpr std::uint16_t kNoNode = 0xFFFFU;  // no node of a structure

using NodeIndex = std::uint16_t;

struct Code {
  std::string_view code;
  std::string_view meaning;
};

/// Who says which codes a table has, in one version.
enum class TableKind : std::uint8_t {
  hl7,   // HL7, and there are no others: the table of fields of type ID
  user,  // the user; HL7 suggests some: the table of fields of type IS
  open,  // HL7 or another body, and others may stand there: coding systems, what may be extended, what no field uses
};

class Table {
 public:
  Table() = default;
  Table(const blob::Table* data, TableKind kind) : data_(data), kind_(kind) {}
  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::uint16_t number() const;
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] TableKind kind() const { return kind_; }
  [[nodiscard]] bool closed() const { return kind_ == TableKind::hl7; }
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Code code(std::size_t index) const;  // sorted by code
  [[nodiscard]] bool contains(std::string_view code) const;
  /// The meaning of a code; nullopt if the table does not have it.
  [[nodiscard]] std::optional<std::string_view> meaning(std::string_view code) const;

 private:
  const blob::Table* data_ = nullptr;
  TableKind kind_ = TableKind::open;
};

/// A field of a segment or a component of a data type.
class Part {
 public:
  Part() = default;
  Part(const blob::Version* version, const blob::Part* data, std::uint16_t number)
      : version_(version), data_(data), number_(number) {}
  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::uint16_t number() const { return number_; }
  [[nodiscard]] std::string_view name() const;        // "Patient Name"
  [[nodiscard]] std::string_view snake_name() const;  // "patient_name"
  [[nodiscard]] std::string_view type() const;        // "XPN", "ST", "varies", "WD"
  [[nodiscard]] Datatype datatype() const;            // empty for `varies` and withdrawn parts
  [[nodiscard]] std::uint16_t min() const;            // 0 or more
  [[nodiscard]] std::uint16_t max() const;            // kUnbounded or the number
  [[nodiscard]] bool required() const { return min() > 0; }
  [[nodiscard]] bool repeats() const { return max() != 1; }
  [[nodiscard]] std::uint32_t length() const;        // 0: not given
  [[nodiscard]] std::uint16_t table_number() const;  // 0: none
  [[nodiscard]] Table table() const;
  /// Withdrawn from the standard (type WD), or reserved: nothing may stand there.
  [[nodiscard]] bool withdrawn() const;
  /// The type comes from another field (OBX-5 from OBX-2).
  [[nodiscard]] bool varies() const;

 private:
  const blob::Version* version_ = nullptr;
  const blob::Part* data_ = nullptr;
  std::uint16_t number_ = 0;
};
using Field = Part;
using Component = Part;

/// What a segment and a data type have in common: a name and numbered parts.
class Definition {
 public:
  Definition() = default;
  Definition(const blob::Version* version, const blob::Definition* data) : version_(version), data_(data) {}
  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::string_view name() const;
  friend bool operator==(const Definition&, const Definition&) = default;

 protected:
  [[nodiscard]] std::uint16_t part_count() const;
  [[nodiscard]] Part part(std::size_t number) const;
  [[nodiscard]] Part part(std::string_view snake_name) const;
  const blob::Version* version_ = nullptr;
  const blob::Definition* data_ = nullptr;
};

class Segment : public Definition {
 public:
  using Definition::Definition;
  [[nodiscard]] std::uint16_t field_count() const { return part_count(); }
  /// Empty if there is no field of that number.
  [[nodiscard]] Field field(std::size_t number) const { return part(number); }
  /// By name in lower case with `_`; a name that stands twice in the segment is none.
  [[nodiscard]] Field field(std::string_view snake_name) const { return part(snake_name); }
};

class Datatype : public Definition {
 public:
  using Definition::Definition;
  [[nodiscard]] bool is_composite() const { return part_count() > 0; }
  [[nodiscard]] std::uint16_t component_count() const { return part_count(); }
  [[nodiscard]] Component component(std::size_t number) const { return part(number); }
  [[nodiscard]] Component component(std::string_view snake_name) const { return part(snake_name); }
};

enum class NodeKind : std::uint8_t {
  segment,
  group,
  choice,       // exactly one of its children stands there
  any_segment,  // a segment of any name (query responses)
};

/// A place of a structure: a segment, a named group, or a choice. Nodes are numbered in document order (preorder); node 0
/// is the structure itself, a group. The numbers are stable for one version of the facts.
class StructureNode {
 public:
  StructureNode() = default;
  StructureNode(const blob::Version* version, const blob::Structure* structure, NodeIndex index)
      : version_(version), structure_(structure), index_(index) {}
  explicit operator bool() const { return structure_ != nullptr; }
  [[nodiscard]] NodeIndex index() const { return index_; }
  [[nodiscard]] NodeKind kind() const;
  [[nodiscard]] std::string_view name() const;  // segment or group name; empty for a choice
  [[nodiscard]] std::uint32_t key() const;      // name_key of a segment's name, else 0
  [[nodiscard]] std::uint16_t min() const;
  [[nodiscard]] std::uint16_t max() const;  // kUnbounded or the number
  [[nodiscard]] bool required() const { return min() > 0; }
  [[nodiscard]] bool repeats() const { return max() != 1; }
  [[nodiscard]] StructureNode parent() const;        // empty for node 0
  [[nodiscard]] StructureNode first_child() const;   // empty for a segment
  [[nodiscard]] StructureNode next_sibling() const;  // empty after the last
  /// One past the last node below this one.
  [[nodiscard]] NodeIndex subtree_end() const;
  [[nodiscard]] Segment segment() const;  // its definition; empty for groups and choices

 private:
  [[nodiscard]] const blob::Node& data() const;
  const blob::Version* version_ = nullptr;
  const blob::Structure* structure_ = nullptr;
  NodeIndex index_ = 0;
};

class Structure {
 public:
  Structure() = default;
  Structure(const blob::Version* version, const blob::Structure* data) : version_(version), data_(data) {}
  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] NodeIndex node_count() const;
  [[nodiscard]] Version version() const;
  /// Declared by a site (local_structure.h), not by the standard.
  [[nodiscard]] bool is_local() const;
  [[nodiscard]] StructureNode root() const { return node(0); }
  [[nodiscard]] StructureNode node(NodeIndex index) const { return {version_, data_, index}; }
  friend bool operator==(const Structure&, const Structure&) = default;

 private:
  const blob::Version* version_ = nullptr;
  const blob::Structure* data_ = nullptr;
};

/// A trigger event of a message, and its structure.
struct Event {
  std::string_view code;   // "ADT"
  std::string_view event;  // "A04"; empty where the structure goes without one (ACK); "Znn" for a site's own
  Structure structure;
};

class Version {
 public:
  Version() = default;
  explicit Version(const blob::Version* data) : data_(data) {}
  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] Structure structure(std::string_view name) const;
  /// The structure that table 0354 gives for a message code and trigger event ("ADT", "A04" -> ADT_A01).
  [[nodiscard]] Structure structure_for_event(std::string_view code, std::string_view event) const;
  [[nodiscard]] Segment segment(std::string_view name) const;
  [[nodiscard]] Datatype datatype(std::string_view name) const;
  [[nodiscard]] Table table(std::uint16_t number) const;
  [[nodiscard]] std::size_t structure_count() const;
  [[nodiscard]] Structure structure_at(std::size_t index) const;  // sorted by name
  [[nodiscard]] std::size_t segment_count() const;
  [[nodiscard]] Segment segment_at(std::size_t index) const;  // sorted by name
  [[nodiscard]] std::size_t datatype_count() const;
  [[nodiscard]] Datatype datatype_at(std::size_t index) const;  // sorted by name
  [[nodiscard]] std::size_t event_count() const;
  [[nodiscard]] Event event_at(std::size_t index) const;  // sorted by code and event
  [[nodiscard]] static std::size_t table_count();         // one edition for all versions
  [[nodiscard]] Table table_at(std::size_t index) const;  // sorted by number
  friend bool operator==(const Version&, const Version&) = default;

 private:
  friend class LocalStructure;
  friend class LocalStructureParser;
  [[nodiscard]] std::uint16_t segment_index(std::string_view name) const;  // blob::kNone if there is none
  const blob::Version* data_ = nullptr;
};

/// What a segment is called, in any version ("Patient identification"); empty if it has no name here.
[[nodiscard]] std::string_view segment_title(std::string_view segment);

struct VersionMatch {
  Version version;     // empty if the text is not a version number
  bool exact = false;  // false: facts of the nearest lower version (or of the lowest) stand in
};

/// The facts for MSH-12.1.
[[nodiscard]] VersionMatch find_version(std::string_view text);
/// The bytes of all facts: read in place, so this is all that they cost.
[[nodiscard]] std::size_t dictionary_size();
[[nodiscard]] std::size_t version_count();
[[nodiscard]] Version version_at(std::size_t index);  // oldest first
[[nodiscard]] Version newest_version();
/// a < b, a == b, a > b as -1, 0, 1, number by number ("2.10" > "2.9"); nullopt if one is not a version number.
[[nodiscard]] std::optional<int> compare_versions(std::string_view a, std::string_view b);

}  // namespace smarthl7::hl7

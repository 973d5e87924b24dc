// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/dictionary/dictionary.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "stdlib/base/assert.h"
#include "stdlib/hl7/dictionary/blob.h"

extern "C" {
extern const unsigned char smarthl7_dictionary[];
}

namespace smarthl7::hl7 {
namespace {

static_assert(std::endian::native == std::endian::little, "the blob is read in place");

[[nodiscard]] const blob::Header& header() { return *reinterpret_cast<const blob::Header*>(smarthl7_dictionary); }

template <class Record>
[[nodiscard]] std::span<const Record> section(const blob::Range& place) {
  return {reinterpret_cast<const Record*>(smarthl7_dictionary + place.first), place.count};
}

template <class Record>
[[nodiscard]] std::span<const Record> section(const blob::Range& place, const blob::Range& part) {
  return section<Record>(place).subspan(part.first, part.count);
}

[[nodiscard]] std::string_view text(const blob::Text& place) {
  return {reinterpret_cast<const char*>(smarthl7_dictionary) + header().strings.first + place.offset, place.size};
}

[[nodiscard]] std::span<const blob::Version> versions() { return section<blob::Version>(header().versions); }
[[nodiscard]] std::span<const blob::Structure> structures(const blob::Version& version) {
  return section<blob::Structure>(header().structures, version.structures);
}
[[nodiscard]] std::span<const blob::Definition> segments(const blob::Version& version) {
  return section<blob::Definition>(header().definitions, version.segments);
}
[[nodiscard]] std::span<const blob::Definition> datatypes(const blob::Version& version) {
  return section<blob::Definition>(header().definitions, version.datatypes);
}

/// In records sorted by name.
template <class Record>
[[nodiscard]] const Record* by_name(std::span<const Record> records, std::string_view name) {
  const auto less = [](const Record& record, std::string_view wanted) { return text(record.name) < wanted; };
  const auto found = std::lower_bound(records.begin(), records.end(), name, less);
  return found != records.end() && text(found->name) == name ? &*found : nullptr;
}

[[nodiscard]] std::uint32_t key_of(std::string_view name) {
  if (name.size() != 3) return 0;
  std::uint32_t key = 0;
  for (const char c : name) key = (key << 8U) | static_cast<unsigned char>(c);
  return key;
}

[[nodiscard]] TableKind kind_of(const blob::Version& version, std::uint16_t table) {
  const auto has = [&](const blob::Range& part) {
    const auto numbers = section<std::uint16_t>(header().tables_of, part);
    return std::binary_search(numbers.begin(), numbers.end(), table);
  };
  return has(version.closed) ? TableKind::hl7 : has(version.user) ? TableKind::user : TableKind::open;
}

/// Up to four numbers with dots between; false if that is not what the text is.
[[nodiscard]] bool read_version(std::string_view text_of_version, std::uint32_t (&numbers)[4]) {
  std::size_t at = 0;
  std::size_t digits = 0;
  std::fill(std::begin(numbers), std::end(numbers), 0U);
  for (const char c : text_of_version) {
    if (c == '.' && digits > 0 && at < 3) {
      ++at;
      digits = 0;
    } else if (c >= '0' && c <= '9' && digits < 6) {
      numbers[at] = numbers[at] * 10 + static_cast<std::uint32_t>(c - '0');
      ++digits;
    } else {
      return false;
    }
  }
  return digits > 0;
}

}  // namespace

// ---- tables

std::uint16_t Table::number() const { return static_cast<std::uint16_t>(data_->number); }
std::string_view Table::name() const { return text(data_->name); }
std::size_t Table::size() const { return data_->codes.count; }

Code Table::code(std::size_t index) const {
  const auto& code = section<blob::Code>(header().codes, data_->codes)[index];
  return {text(code.code), text(code.meaning)};
}

std::optional<std::string_view> Table::meaning(std::string_view code) const {
  const auto codes = section<blob::Code>(header().codes, data_->codes);
  const auto less = [](const blob::Code& entry, std::string_view wanted) { return text(entry.code) < wanted; };
  const auto found = std::lower_bound(codes.begin(), codes.end(), code, less);
  if (found == codes.end() || text(found->code) != code) return std::nullopt;
  return text(found->meaning);
}

bool Table::contains(std::string_view code) const { return meaning(code).has_value(); }

// ---- fields, components and what holds them

std::string_view Part::name() const { return text(data_->name); }
std::string_view Part::snake_name() const { return text(data_->snake); }
std::string_view Part::type() const { return text(data_->type); }
std::uint16_t Part::min() const { return data_->min; }
std::uint16_t Part::max() const { return data_->max; }
std::uint32_t Part::length() const { return data_->length; }
std::uint16_t Part::table_number() const { return data_->table; }
bool Part::withdrawn() const { return data_->withdrawn != 0; }
bool Part::varies() const { return type() == "varies"; }
Table Part::table() const { return data_->table == 0 ? Table() : Version(version_).table(data_->table); }

Datatype Part::datatype() const {
  if (data_->datatype == blob::kNone) return {};
  return {version_, &datatypes(*version_)[data_->datatype]};
}

std::string_view Definition::name() const { return text(data_->name); }
std::uint16_t Definition::part_count() const { return static_cast<std::uint16_t>(data_->parts.count); }

Part Definition::part(std::size_t number) const {
  if (number == 0 || number > data_->parts.count) return {};
  return {version_, &section<blob::Part>(header().parts, data_->parts)[number - 1], static_cast<std::uint16_t>(number)};
}

Part Definition::part(std::string_view snake_name) const {
  Part found;
  for (std::size_t number = 1; number <= data_->parts.count; ++number) {
    const Part candidate = part(number);
    if (candidate.snake_name() != snake_name) continue;
    if (found) return {};
    found = candidate;
  }
  return found;
}

// ---- structures

const blob::Node& StructureNode::data() const {
  if (structure_->nodes.first == blob::kElsewhere) return static_cast<const blob::LocalStructure*>(structure_)->tree[index_];
  return section<blob::Node>(header().nodes, structure_->nodes)[index_];
}

std::string_view StructureNode::name() const {
  if (structure_->nodes.first != blob::kElsewhere) return text(data().name);
  return {static_cast<const blob::LocalStructure*>(structure_)->strings + data().name.offset, data().name.size};
}

NodeKind StructureNode::kind() const { return static_cast<NodeKind>(data().kind); }
std::uint32_t StructureNode::key() const { return data().key; }
std::uint16_t StructureNode::min() const { return data().min; }
std::uint16_t StructureNode::max() const { return data().max; }
NodeIndex StructureNode::subtree_end() const { return data().end; }

StructureNode StructureNode::parent() const {
  const NodeIndex up = data().parent;
  return up == kNoNode ? StructureNode() : StructureNode(version_, structure_, up);
}

StructureNode StructureNode::first_child() const {
  return data().end == index_ + 1 ? StructureNode() : StructureNode(version_, structure_, static_cast<NodeIndex>(index_ + 1));
}

StructureNode StructureNode::next_sibling() const {
  const StructureNode up = parent();
  return !up || data().end == up.subtree_end() ? StructureNode() : StructureNode(version_, structure_, data().end);
}

Segment StructureNode::segment() const {
  const std::uint16_t index = data().segment;
  return index == blob::kNone ? Segment() : Segment(version_, &segments(*version_)[index]);
}

std::string_view Structure::name() const { return root().name(); }
Version Structure::version() const { return Version(version_); }
bool Structure::is_local() const { return data_->nodes.first == blob::kElsewhere; }
NodeIndex Structure::node_count() const { return static_cast<NodeIndex>(data_->nodes.count); }

// ---- versions

std::string_view Version::name() const { return text(data_->name); }

Structure Version::structure(std::string_view name) const {
  const auto* found = by_name(structures(*data_), name);
  return found == nullptr ? Structure() : Structure(data_, found);
}

Structure Version::structure_for_event(std::string_view code, std::string_view event) const {
  const auto events = section<blob::Event>(header().events, data_->events);
  const auto less = [](const blob::Event& entry, const blob::Event& wanted) {
    return entry.code != wanted.code ? entry.code < wanted.code : entry.event < wanted.event;
  };
  const blob::Event wanted{{}, {}, key_of(code), key_of(event), 0};
  const auto found = std::lower_bound(events.begin(), events.end(), wanted, less);
  if (found != events.end() && found->code == wanted.code && found->event == wanted.event && wanted.code != 0) {
    return {data_, &structures(*data_)[found->structure]};
  }
  return code == "ACK" ? structure("ACK") : Structure();  // the general acknowledgement goes with every event
}

Segment Version::segment(std::string_view name) const {
  const auto* found = by_name(segments(*data_), name);
  return found == nullptr ? Segment() : Segment(data_, found);
}

std::uint16_t Version::segment_index(std::string_view name) const {
  const auto* found = by_name(segments(*data_), name);
  return found == nullptr ? blob::kNone : static_cast<std::uint16_t>(found - segments(*data_).data());
}

Datatype Version::datatype(std::string_view name) const {
  const auto* found = by_name(datatypes(*data_), name);
  return found == nullptr ? Datatype() : Datatype(data_, found);
}

Table Version::table(std::uint16_t number) const {
  const auto tables = section<blob::Table>(header().tables);
  const auto less = [](const blob::Table& entry, std::uint16_t wanted) { return entry.number < wanted; };
  const auto found = std::lower_bound(tables.begin(), tables.end(), number, less);
  if (found == tables.end() || found->number != number) return {};
  return {&*found, kind_of(*data_, number)};
}

std::size_t Version::table_count() { return header().tables.count; }

Table Version::table_at(std::size_t index) const {
  const blob::Table& table = section<blob::Table>(header().tables)[index];
  return {&table, kind_of(*data_, static_cast<std::uint16_t>(table.number))};
}

std::size_t Version::event_count() const { return data_->events.count; }

Event Version::event_at(std::size_t index) const {
  const blob::Event& event = section<blob::Event>(header().events, data_->events)[index];
  return {text(event.code_name), text(event.event_name), {data_, &structures(*data_)[event.structure]}};
}

std::size_t Version::structure_count() const { return data_->structures.count; }
Structure Version::structure_at(std::size_t index) const { return {data_, &structures(*data_)[index]}; }
std::size_t Version::segment_count() const { return data_->segments.count; }
Segment Version::segment_at(std::size_t index) const { return {data_, &segments(*data_)[index]}; }
std::size_t Version::datatype_count() const { return data_->datatypes.count; }
Datatype Version::datatype_at(std::size_t index) const { return {data_, &datatypes(*data_)[index]}; }

std::string_view segment_title(std::string_view segment) {
  const auto* found = by_name(section<blob::Title>(header().titles), segment);
  return found == nullptr ? std::string_view() : text(found->title);
}

std::optional<int> compare_versions(std::string_view a, std::string_view b) {
  std::uint32_t left[4];
  std::uint32_t right[4];
  if (!read_version(a, left) || !read_version(b, right)) return std::nullopt;
  if (std::equal(std::begin(left), std::end(left), std::begin(right))) return 0;
  return std::lexicographical_compare(std::begin(left), std::end(left), std::begin(right), std::end(right)) ? -1 : 1;
}

VersionMatch find_version(std::string_view wanted) {
  VersionMatch match;
  for (const blob::Version& version : versions()) {
    const auto order = compare_versions(text(version.name), wanted);
    if (!order) return {};
    if (*order > 0 && match.version) break;  // past it: the one before stands in
    match = {Version(&version), *order == 0};
    if (*order > 0) break;  // older than all we have
  }
  return match;
}

std::size_t dictionary_size() { return header().strings.first + header().strings.count; }
std::size_t version_count() { return versions().size(); }
Version version_at(std::size_t index) { return Version(&versions()[index]); }
Version newest_version() { return Version(&versions().back()); }

}  // namespace smarthl7::hl7

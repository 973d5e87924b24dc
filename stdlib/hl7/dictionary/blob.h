// SPDX-License-Identifier: Apache-2.0
// The layout of the compiled dictionary, written by compile.py and read in place by dictionary.cc, which alone
// includes this. Little-endian numbers in plain records; offsets count from the blob's first byte.
#pragma once

#include <cstdint>

namespace smarthl7::hl7::blob {

struct Text {
  std::uint32_t offset, size;  // within the strings
};
struct Range {
  std::uint32_t first, count;
};
struct Version {
  Text name;
  Range structures, segments, datatypes, events;
  Range closed, user;  // within tables_of: numbers of tables, sorted
};
struct Structure {
  Text name;
  Range nodes;
};
struct Node;
/// One that is not in the blob: its nodes and their names are somewhere else. `nodes.first` is kElsewhere.
struct LocalStructure : Structure {
  const Node* tree;
  const char* strings;
};
struct Node {
  Text name;
  std::uint32_t key;
  std::uint16_t kind, min, max, parent, end;
  std::uint16_t segment;  // index among the version's segments
};
struct Definition {  // of a segment or a data type
  Text name;
  Range parts;
};
struct Part {
  Text name, snake, type;
  std::uint32_t length;
  std::uint16_t min, max, table;
  std::uint16_t datatype;  // index among the version's data types
  std::uint32_t withdrawn;
};
struct Event {
  Text code_name, event_name;
  std::uint32_t code, event;  // as name_key; 0: no event
  std::uint32_t structure;    // index among the version's structures
};
struct Table {
  Text name;
  std::uint32_t number;
  Range codes;
};
struct Code {
  Text code, meaning;
};
struct Title {  // of a segment
  Text name, title;
};
struct Header {
  char magic[4];
  std::uint32_t format;
  // Each section: offset, number of records. The order is compile.py's.
  Range versions, structures, nodes, definitions, parts, events, tables, codes, tables_of, titles, strings;
};

inline constexpr std::uint16_t kNone = 0xFFFF;
inline constexpr std::uint32_t kElsewhere = 0xFFFFFFFF;

static_assert(sizeof(Version) == 56 && sizeof(Structure) == 16 && sizeof(Node) == 24 && sizeof(Definition) == 16);
static_assert(sizeof(Part) == 40 && sizeof(Event) == 28 && sizeof(Table) == 20 && sizeof(Code) == 16 && sizeof(Header) == 96);

}  // namespace smarthl7::hl7::blob

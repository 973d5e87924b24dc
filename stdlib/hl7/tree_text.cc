// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/tree_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/hl7/escape.h"
namespace smarthl7::hl7 {
namespace {

[[nodiscard]] char letter_for(char c, const Delimiters& delimiters) {
  if (c == delimiters.field) return 'F';
  if (c == delimiters.component) return 'S';
  if (c == delimiters.subcomponent) return 'T';
  if (c == delimiters.repetition) return 'R';
  if (c == delimiters.escape) return 'E';
  return 0;
}

/// The field that names the type of a field that varies; 0 where none does.
[[nodiscard]] std::uint32_t type_field(std::string_view segment, std::uint32_t field) {
  if (segment == "OBX" && field == 5) return 2;
  if (segment == "MFE" && field == 4) return 5;
  if (segment == "MFA" && field == 5) return 6;
  return 0;
}

}  // namespace

ValueType value_type(const Tree& tree, Tree::Index segment, const Field& field) {
  if (!field) return {};
  if (!field.varies()) return {field.withdrawn() ? std::string_view() : field.type(), field.datatype()};
  const std::uint32_t number = type_field(tree.text(segment), field.number());
  const Tree::Index named = number == 0 ? Tree::kNone : tree.child(segment, number);
  if (named == Tree::kNone || !tree.version()) return {};
  const std::string_view name = tree.first_text(named);
  const Datatype datatype = tree.version().datatype(name);
  if (datatype) return {datatype.name(), datatype};
  constexpr std::string_view primitives[] = {"ST", "TX", "FT", "NM", "DT", "TM", "TS", "DTM", "ID", "IS", "SI", "TN", "GTS"};
  for (const std::string_view known : primitives) {
    if (known == name) return {known, {}};
  }
  return {};
}

ValueType component_type(const ValueType& of, std::uint32_t number) {
  if (!of.datatype) return {};
  const Component component = of.datatype.component(number);
  if (!component || component.varies() || component.withdrawn()) return {};
  return {component.type(), component.datatype()};
}

EscapeSequence read_escape(std::string_view raw, std::size_t at, const Delimiters& delimiters) {
  EscapeSequence found;
  EscapeTokens tokens(raw.substr(at), delimiters);
  EscapeToken token;
  if (!tokens.next(token) || token.kind == EscapeKind::stray || token.kind == EscapeKind::text) return found;
  found.end = at + token.raw.size();
  found.body = token.raw.substr(1, token.raw.size() - 2);
  found.character = token.character;
  // The truncation character means something else where it stands as itself.
  const bool truncation = token.kind == EscapeKind::delimiter && token.character == delimiters.truncation;
  const bool character = token.kind == EscapeKind::delimiter && !truncation;
  found.kind = character ? EscapeSequence::Kind::delimiter : EscapeSequence::Kind::other;
  return found;
}

bool append_er7(std::string_view text, const Delimiters& delimiters, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  bool special[256] = {};
  for (const char c :
       {delimiters.field, delimiters.component, delimiters.subcomponent, delimiters.repetition, delimiters.escape}) {
    if (c != 0) special[static_cast<unsigned char>(c)] = true;
  }
  for (const char c : {'\r', '\n', '\x0B', '\x1C'}) special[static_cast<unsigned char>(c)] = true;
  for (std::size_t from = 0; from < text.size();) {
    std::size_t to = from;
    while (to < text.size() && !special[static_cast<unsigned char>(text[to])]) ++to;
    out += text.substr(from, to - from);
    if (to == text.size()) break;
    if (delimiters.escape == 0) return false;
    const char c = text[to];
    if (const char letter = letter_for(c, delimiters); letter != 0) {
      out.append({delimiters.escape, letter, delimiters.escape});
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({delimiters.escape, 'X', digits[byte >> 4U], digits[byte & 15U], delimiters.escape});
    }
    from = to + 1;
  }
  return true;
}

std::string place_of(const Tree& tree, Tree::Index at) {
  Tree::Index segment = at;
  while (segment > 0 && tree.node(segment).kind != Tree::Kind::segment) --segment;
  std::size_t sequence = 0;
  for (Tree::Index i = 0; i <= segment; ++i) {
    if (tree.node(i).kind == Tree::Kind::segment && tree.text(i) == tree.text(segment)) ++sequence;
  }
  std::string place(tree.text(segment).substr(0, 3));
  if (std::any_of(place.begin(), place.end(), [](char c) { return !((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')); })) {
    place = "a segment without a proper name";  // what stands there may be anything
  }
  if (sequence > 1) place += fmt::format("({})", sequence);
  for (Tree::Index parent = segment; parent != at;) {
    Tree::Index child = tree.first_child(parent);
    while (tree.node(child).end <= at) child = tree.next_sibling(child, parent);
    const Tree::Node& node = tree.node(child);
    switch (node.kind) {
      case Tree::Kind::field: place += fmt::format("-{}", node.number); break;
      case Tree::Kind::repetition: place += fmt::format("[{}]", node.number); break;
      case Tree::Kind::group:
      case Tree::Kind::segment:
      case Tree::Kind::component:
      case Tree::Kind::subcomponent: place += fmt::format(".{}", node.number); break;
    }
    parent = child;
  }
  return place;
}

namespace {

[[nodiscard]] std::string_view component_text(const Tree& tree, Tree::Index field, std::uint32_t number) {
  Tree::Index at = field;
  while (at != Tree::kNone && !tree.node(at).leaf && tree.node(at).kind != Tree::Kind::repetition) at = tree.child(at, 1);
  if (at != Tree::kNone && !tree.node(at).leaf) return (at = tree.child(at, number)) == Tree::kNone ? "" : tree.first_text(at);
  return at != Tree::kNone && number == 1 ? tree.text(at) : std::string_view();
}

}  // namespace

Result<void> finish_reading(Tree& tree) {
  const Tree::Index type = tree.header_field(9);
  const auto part = [&](std::uint32_t n) { return type == Tree::kNone ? std::string_view() : component_text(tree, type, n); };
  tree.set_version(facts_of(part(1), part(2), part(3), tree.version_text()).version);
  return {};
}

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/tree.h"

#include <algorithm>
#include <array>
#include <memory>

namespace smarthl7::hl7 {
namespace {

/// Values are short, or so long that a call pays.
[[nodiscard]] std::size_t find_in(std::string_view text, char wanted, std::size_t from = 0) {
  if (text.size() - from > 64) return std::min(text.find(wanted, from), text.size());
  while (from < text.size() && text[from] != wanted) ++from;
  return from;
}

[[nodiscard]] bool holds(std::string_view text, char wanted) { return wanted != 0 && find_in(text, wanted) != text.size(); }

[[nodiscard]] Tree::Kind below(Tree::Kind kind) { return static_cast<Tree::Kind>(static_cast<std::uint8_t>(kind) + 1); }

[[nodiscard]] bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c) || c == '_'; });
}

}  // namespace

char separator_below(Tree::Kind kind, const Delimiters& delimiters) {
  switch (kind) {
    case Tree::Kind::group: return 0;
    case Tree::Kind::segment: return delimiters.field;
    case Tree::Kind::field: return delimiters.repetition;
    case Tree::Kind::repetition: return delimiters.component;
    case Tree::Kind::component: return delimiters.subcomponent;
    case Tree::Kind::subcomponent: return 0;
  }
  return 0;
}

// ---- reading

Tree::Index Tree::child(Index at, std::uint32_t number) const {
  for (Index i = first_child(at); i != kNone; i = next_sibling(i, at)) {
    if (nodes_[i].number >= number) return nodes_[i].number == number ? i : kNone;
  }
  return kNone;
}

std::string_view Tree::first_text(Index at) const {
  while (!nodes_[at].leaf) {
    at = child(at, 1);
    if (at == kNone) return {};
  }
  return text(at);
}

Tree::Index Tree::header_field(std::uint32_t number) const {
  for (Index at = 0; at < size(); ++at) {
    if (nodes_[at].kind == Kind::segment) return child(at, number);
  }
  return kNone;
}

std::string_view Tree::version_text() const {
  const Index field = header_field(12);
  return field == kNone ? std::string_view() : first_text(field);
}

bool operator==(const Tree& a, const Tree& b) {
  if (a.nodes_.size() != b.nodes_.size() || a.delimiters_ != b.delimiters_ || a.structure_ != b.structure_ ||
      a.start_ != b.start_ || a.terminator_ != b.terminator_ || a.endings_ != b.endings_) {
    return false;
  }
  for (Tree::Index at = 0; at < a.size(); ++at) {
    const Tree::Node& x = a.nodes_[at];
    const Tree::Node& y = b.nodes_[at];
    if (x.kind != y.kind || x.leaf != y.leaf || x.number != y.number || x.parts != y.parts || x.end != y.end) return false;
    if (a.text(at) != b.text(at)) return false;
  }
  return true;
}

// ---- making

void Tree::clear() {
  nodes_.clear();
  text_.clear();
  open_.clear();
  delimiters_ = Delimiters{};
  structure_ = "UNKNOWN";
  version_ = Version();
  start_.clear();
  terminator_ = "\r";
  endings_.clear();
  last_segment_ = kNone;
}

void Tree::set_structure(std::string_view name) { structure_ = name; }

std::uint32_t Tree::keep(std::string_view text) {
  const auto at = static_cast<std::uint32_t>(text_.size());
  text_ += text;
  return at;
}

Tree::Index Tree::add_node(Kind kind, std::uint32_t number) {
  const Index at = size();
  Node& made = nodes_.emplace_back();
  made.kind = kind;
  made.number = number;
  made.end = at + 1;
  return at;
}

void Tree::make_leaf(Index at, std::string_view raw) {
  Node& node = nodes_[at];
  node.leaf = true;
  node.text = keep(raw);
  node.size = static_cast<std::uint32_t>(raw.size());
}

void Tree::open_group(std::string_view name) {
  const Index at = add_node(Kind::group, 0);
  nodes_[at].text = keep(name);
  nodes_[at].size = static_cast<std::uint32_t>(name.size());
  open_.push_back(at);
}

void Tree::close_group() {
  nodes_[open_.back()].end = size();
  open_.pop_back();
}

bool Tree::is_split(Kind kind, std::string_view raw) const {
  for (Kind level = kind; level != Kind::subcomponent; level = below(level)) {
    if (holds(raw, separator_below(level, delimiters_))) return true;
  }
  return false;
}

/// Goes at most four levels deep.
void Tree::add_value(Kind kind, std::uint32_t number, std::string_view raw) {
  const Index at = add_node(kind, number);
  if (!is_split(kind, raw)) {
    make_leaf(at, raw);
    return;
  }
  const char separator = separator_below(kind, delimiters_);
  std::uint32_t parts = 0;
  for (std::size_t from = 0; from <= raw.size();) {
    const std::size_t end = separator == 0 ? raw.size() : find_in(raw, separator, from);
    ++parts;
    if (end > from) add_value(below(kind), parts, raw.substr(from, end - from));
    from = end + 1;
  }
  nodes_[at].parts = parts;
  nodes_[at].end = size();
}

void Tree::add_segment(std::string_view er7) {
  const char separator = delimiters_.field;
  const Index at = add_node(Kind::segment, 0);
  last_segment_ = at;
  std::size_t end = find_in(er7, separator);
  nodes_[at].text = keep(er7.substr(0, end));
  nodes_[at].size = static_cast<std::uint32_t>(end);
  std::uint32_t number = 0;
  const bool header = is_header(name_key(er7.substr(0, end)));
  if (header && end < er7.size()) {  // MSH-1 is the separator itself, MSH-2 is not split
    make_leaf(add_node(Kind::field, 1), er7.substr(end, 1));
    number = 1;
  }
  while (end < er7.size()) {
    const std::size_t from = end + 1;
    end = find_in(er7, separator, from);
    ++number;
    if (end == from) continue;
    const std::string_view raw = er7.substr(from, end - from);
    if (header && number == 2) {
      make_leaf(add_node(Kind::field, 2), raw);
    } else {
      add_value(Kind::field, number, raw);
    }
  }
  nodes_[at].parts = number;
  nodes_[at].end = size();
}

void Tree::set_ending(std::string_view ending) {
  if (ending != terminator_) endings_.push_back({last_segment_, std::string(ending)});
}

// ---- pipes

namespace {

void write_value(const Tree& tree, Tree::Index at, std::string& out) {
  const Tree::Node& node = tree.node(at);
  if (node.leaf) {
    out += tree.text(at);
    return;
  }
  const char separator = separator_below(node.kind, tree.delimiters());
  std::uint32_t number = 1;
  for (Tree::Index i = tree.first_child(at); i != Tree::kNone; i = tree.next_sibling(i, at)) {
    out.append(tree.node(i).number - number, separator);
    number = tree.node(i).number;
    write_value(tree, i, out);
  }
  if (node.parts > number) out.append(node.parts - number, separator);
}

}  // namespace

void to_pipes(const Tree& tree, Tree::Index segment, std::string& out) {
  const Tree::Node& node = tree.node(segment);
  out += tree.text(segment);
  const char separator = tree.delimiters().field;
  const bool header = tree.is_header_segment(segment);
  std::uint32_t number = header && node.parts > 0 ? 1 : 0;
  if (number == 1) out += separator;
  for (Tree::Index i = tree.first_child(segment); i != Tree::kNone; i = tree.next_sibling(i, segment)) {
    const std::uint32_t wanted = tree.node(i).number;
    if (header && wanted == 1) continue;
    out.append(wanted - number - (header && number == 1 ? 1 : 0), separator);
    number = wanted;
    write_value(tree, i, out);
  }
  if (node.parts > number) out.append(node.parts - number - (header && number == 1 ? 1 : 0), separator);
}

void to_pipes(const Tree& tree, std::string& out) {
  out += tree.start();
  std::size_t odd = 0;
  for (Tree::Index at = 0; at < tree.size();) {
    const Tree::Node& node = tree.node(at);
    if (node.kind == Tree::Kind::group) {
      ++at;
      continue;
    }
    to_pipes(tree, at, out);
    if (odd < tree.endings().size() && tree.endings()[odd].segment == at) {
      out += tree.endings()[odd++].text;
    } else {
      out += tree.terminator();
    }
    at = node.end;
  }
}

// ---- from a message

TreeFacts facts_of(std::string_view code, std::string_view event, std::string_view structure, std::string_view version) {
  TreeFacts facts;
  facts.version = find_version(version).version;
  if (facts.version) {
    facts.structure = facts.version.structure(structure);
    if (!facts.structure) facts.structure = facts.version.structure_for_event(code, event);
  } else {
    facts.version = newest_version();
  }
  return facts;
}

std::string structure_name(std::string_view code, std::string_view event, std::string_view structure) {
  if (is_name(structure)) return std::string(structure);
  if (is_name(code) && is_name(event)) return std::string(code) + "_" + std::string(event);
  return is_name(code) ? std::string(code) : "UNKNOWN";
}

namespace {

/// The line end of most segments, and what stands before the first.
void add_layout(const Message& message, Tree& tree) {
  std::array<std::size_t, 3> counts{};
  constexpr std::array<std::string_view, 3> kinds = {"\r", "\n", "\r\n"};
  const std::string_view bytes = message.bytes();
  for (std::uint32_t n = 0; n < message.segment_count(); ++n) {
    const Message::Extent extent = message.extent(n);
    const std::string_view end = bytes.substr(extent.end, extent.next - extent.end);
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) counts[kind] += end == kinds[kind] ? 1U : 0U;
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  tree.set_terminator(kinds[static_cast<std::size_t>(most - counts.begin())]);
  tree.set_start(bytes.substr(0, message.extent(0).begin));
}

/// A group instance holds all segments from its first to its last, also one that the placement moved further out.
void add_segments(const Message& message, const Placement* placement, const Placer* placer, std::vector<InstanceId>& open,
                  Tree& tree) {
  const std::string_view bytes = message.bytes();
  open.clear();
  InstanceId next_instance = kWholeMessage + 1;
  const std::uint32_t count = message.segment_count();
  for (std::uint32_t n = 0; n < count; ++n) {
    for (; !open.empty() && placement->instance(open.back()).end_segment <= n; open.pop_back()) tree.close_group();
    while (placement != nullptr && next_instance < placement->instance_count() &&
           placement->instance(next_instance).first_segment == n) {
      tree.open_group(placer->name_of(placement->instance(next_instance).node));
      open.push_back(next_instance++);
    }
    tree.add_segment(message.segment(n).raw());
    const std::size_t next = n + 1 < count ? message.extent(n + 1).begin : bytes.size();
    tree.set_ending(bytes.substr(message.extent(n).end, next - message.extent(n).end));
  }
  for (; !open.empty(); open.pop_back()) tree.close_group();
}

void begin(const Message& message, const Structure& structure, Version version, Tree& tree) {
  tree.clear();
  tree.set_delimiters(message.delimiters());
  tree.set_version(version);
  if (structure) {
    tree.set_structure(structure.name());
  } else {
    tree.set_structure(structure_name(message.message_code(), message.trigger_event(), message.header(9).component(3).text()));
  }
  add_layout(message, tree);
}

}  // namespace

void make_tree(const Message& message, const Placement& placement, const Placer& placer, Version version, Tree& tree) {
  begin(message, placer.structure(), version, tree);
  std::vector<InstanceId> open;
  add_segments(message, &placement, &placer, open, tree);
}

struct TreeMaker::Known {
  Structure structure;
  std::unique_ptr<Placer> placer;
};

TreeMaker::TreeMaker() = default;
TreeMaker::~TreeMaker() = default;

const Placer& TreeMaker::placer_of(const Structure& structure) {
  for (const Known& known : known_) {
    if (known.structure == structure) return *known.placer;
  }
  return *known_.emplace_back(structure, std::make_unique<Placer>(structure)).placer;
}

void TreeMaker::make(const Message& message, Tree& tree) {
  const TreeFacts facts =
      facts_of(message.message_code(), message.trigger_event(), message.header(9).component(3).text(), message.version());
  begin(message, facts.structure, facts.version, tree);
  if (facts.structure) {
    const Placer& placer = placer_of(facts.structure);
    placer.place(message, placement_);
    add_segments(message, &placement_, &placer, open_, tree);
  } else {
    add_segments(message, nullptr, nullptr, open_, tree);
  }
}

}  // namespace smarthl7::hl7

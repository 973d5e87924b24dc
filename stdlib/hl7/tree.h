// SPDX-License-Identifier: Apache-2.0
// Tree: one message as groups, segments, fields, repetitions, components and subcomponents, without the bytes it came from. All
// encodings are read into it and written from it. Nodes stand in one array in document order, values (still escaped, HL7 2.5.1
// chapter 2.7) in one text, so a big value is copied once. What ER7 can say is kept: absent, empty and null apart, separators
// at the end, order, segments that the structure does not know, line ends. Two trees are equal if their messages are.
// It owns all it shows; views end with the next change. One thread at a time changes it. Reading never fails.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/delimiters.h"
#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"
#include "stdlib/hl7/view.h"

namespace smarthl7::hl7 {

class Tree {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xFFFFFFFFU;

  enum class Kind : std::uint8_t { group, segment, field, repetition, component, subcomponent };

  /// A value that needs no separators is one node, a leaf, at the highest level: PID-8 "F" is a field without repetitions
  /// below. Parts without a byte have no node; `parts` of the node above says how many there are.
  struct Node {
    Kind kind = Kind::segment;
    bool leaf = false;
    std::uint32_t number = 0;          // of the field, repetition, ... from 1; 0 for groups and segments
    std::uint32_t parts = 0;           // separated parts below, the empty ones counted; 0 for groups and leaves
    Index end = 0;                     // one past the last node below this one
    std::uint32_t text = 0, size = 0;  // a leaf's value; the name of a group or segment
    friend bool operator==(const Node&, const Node&) = default;
  };

  // ---- reading

  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] Index size() const { return static_cast<Index>(nodes_.size()); }
  [[nodiscard]] const Node& node(Index at) const { return nodes_[at]; }
  /// A leaf's value, escaped as in the message; the name of a segment or group ("PATIENT_RESULT").
  [[nodiscard]] std::string_view text(Index at) const {
    return std::string_view(text_).substr(nodes_[at].text, nodes_[at].size);
  }
  [[nodiscard]] bool is_null(Index at) const { return nodes_[at].leaf && text(at) == "\"\""; }
  /// Loops: for (i = first_child(at); i != kNone; i = next_sibling(i, at)) ...; the top level: begin at 0, end at size().
  [[nodiscard]] Index first_child(Index at) const { return at + 1 < nodes_[at].end ? at + 1 : kNone; }
  [[nodiscard]] Index next_sibling(Index at, Index parent) const {
    const Index next = nodes_[at].end;
    return next < (parent == kNone ? size() : nodes_[parent].end) ? next : kNone;
  }
  /// The child with that number; kNone if it is empty.
  [[nodiscard]] Index child(Index at, std::uint32_t number) const;
  /// The value at a node read as text: the first leaf below, if it stands first everywhere.
  [[nodiscard]] std::string_view first_text(Index at) const;
  /// Is this MSH, FHS or BHS, whose second field is not to be split?
  [[nodiscard]] bool is_header_segment(Index at) const { return is_header(name_key(text(at))); }

  [[nodiscard]] const Delimiters& delimiters() const { return delimiters_; }
  /// Of the standard, or MSH-9.3 or code and event as sent; "UNKNOWN" without any.
  [[nodiscard]] std::string_view structure() const { return structure_; }
  /// Whose facts name the types; the newest where the message's own is not known.
  [[nodiscard]] Version version() const { return version_; }
  /// MSH-12.1 as sent.
  [[nodiscard]] std::string_view version_text() const;
  /// The nth field of the first segment; kNone if it is empty.
  [[nodiscard]] Index header_field(std::uint32_t number) const;

  /// What stands before the first segment: a byte order mark, empty lines.
  [[nodiscard]] std::string_view start() const { return start_; }
  /// How segments end, but for those with an ending of their own.
  [[nodiscard]] std::string_view terminator() const { return terminator_; }
  struct Ending {
    Index segment = kNone;
    std::string text = {};
    friend bool operator==(const Ending&, const Ending&) = default;
  };
  [[nodiscard]] const std::vector<Ending>& endings() const { return endings_; }  // in document order

  friend bool operator==(const Tree& a, const Tree& b);

  // ---- making, in document order

  void clear();
  /// How the segments that follow are separated.
  void set_delimiters(const Delimiters& delimiters) { delimiters_ = delimiters; }
  void set_structure(std::string_view name);
  void set_version(Version version) { version_ = version; }
  void set_start(std::string_view start) { start_ = start; }
  void set_terminator(std::string_view terminator) { terminator_ = terminator; }
  void open_group(std::string_view name);
  void close_group();
  /// A segment as pipes have it, without its end: "PID|1||..." with these delimiters.
  void add_segment(std::string_view er7);
  /// Of the segment added last.
  void set_ending(std::string_view ending);

 private:
  [[nodiscard]] std::uint32_t keep(std::string_view text);
  Index add_node(Kind kind, std::uint32_t number);
  void make_leaf(Index at, std::string_view raw);
  void add_value(Kind kind, std::uint32_t number, std::string_view raw);
  [[nodiscard]] bool is_split(Kind kind, std::string_view raw) const;

  std::vector<Node> nodes_;
  std::string text_;
  std::vector<Index> open_;  // groups
  Delimiters delimiters_;
  std::string structure_ = "UNKNOWN";
  Version version_;
  std::string start_;
  std::string terminator_ = "\r";
  std::vector<Ending> endings_;
  Index last_segment_ = kNone;
};

/// The character between the parts below a node of that kind; 0 for groups, and where the message has none.
[[nodiscard]] char separator_below(Tree::Kind kind, const Delimiters& delimiters);

/// Appends the message in pipes.
void to_pipes(const Tree& tree, std::string& out);
/// Appends one segment in pipes, without its end.
void to_pipes(const Tree& tree, Tree::Index segment, std::string& out);

/// What MSH says about a message's structure and version, of any encoding.
struct TreeFacts {
  Version version;      // the newest where the message's own is not known
  Structure structure;  // empty where version or message type are not known
};
[[nodiscard]] TreeFacts facts_of(std::string_view code, std::string_view event, std::string_view structure,
                                 std::string_view version);
/// The name to show for a message without a known structure.
[[nodiscard]] std::string structure_name(std::string_view code, std::string_view event, std::string_view structure);

/// Makes trees of messages and keeps the tables of the structures it has met. One thread.
class TreeMaker {
 public:
  TreeMaker();
  TreeMaker(const TreeMaker&) = delete;
  TreeMaker& operator=(const TreeMaker&) = delete;
  ~TreeMaker();
  /// Groups follow the structure that MSH-9 names in the version of MSH-12; where none is known the segments stand in no group.
  void make(const Message& message, Tree& tree);

 private:
  struct Known;
  [[nodiscard]] const Placer& placer_of(const Structure& structure);
  std::vector<Known> known_;
  Placement placement_;
  std::vector<InstanceId> open_;
};

/// The same for a message that was placed already.
void make_tree(const Message& message, const Placement& placement, const Placer& placer, Version version, Tree& tree);

}  // namespace smarthl7::hl7

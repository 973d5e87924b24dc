// SPDX-License-Identifier: Apache-2.0
// Making: what a mapping adds to a message, or makes of nothing: segments with their parts, group instances, and runs of
// segments that are copied. Items hang below each other as the structure has it; groups and segments that a path only passes
// through are made when first written to. write() puts them in the structure's order: children by their place in it, those of
// one place in the order in which they were made; items at the top are anchored to a segment of the message that came in. Keeps
// its buffers; views given to it outlive the next reset(). One thread. Failure: false where two parts meet in one place.
// Internal to this folder. Delimiters and escapes: HL7 2.5.1 chapter 2.5 to 2.7.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/eval/shape.h"
#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::eval {

class Making {
 public:
  using Item = std::uint32_t;
  static constexpr Item kTop = 0;

  /// `shape` says what it makes items of; null: nothing is known of the structure.
  void reset(const hl7::Message& message, const Shape* shape);
  [[nodiscard]] bool empty() const { return items_.size() == 1; }
  [[nodiscard]] const Shape* shape() const { return shape_; }

  // ---- items
  /// At the top, after a segment that came in; `in_front`: it opens the group instance that begins behind that segment.
  Item add_at(std::uint32_t after, bool in_front, hl7::NodeIndex node, std::string_view name);
  Item add_below(Item parent, hl7::NodeIndex node, std::string_view name);
  /// Segments [first, end) of the message that came in, as they stand; they are one segment, or one instance, of `node`.
  void add_run(Item parent, hl7::NodeIndex node, std::uint32_t first, std::uint32_t end);
  /// The item around that is an instance of the group; the top for node 0.
  [[nodiscard]] Item around(Item item, hl7::NodeIndex group) const;
  /// The first instance of `group` below, made with all groups between if a path has not passed there yet.
  Item group_below(Item item, hl7::NodeIndex group);
  /// The same for a segment.
  Item segment_below(Item item, hl7::NodeIndex node, std::string_view name);
  [[nodiscard]] Item parent(Item item) const { return items_[item].parent; }

  // ---- parts of a segment; `raw` holds delimiters and escapes as they shall stand
  void set(Item segment, const hl7::Location& place, std::string_view raw);
  /// The number of the next repetition of a field to which repetitions are only added.
  std::uint16_t next_repetition(Item segment, std::uint16_t field);

  /// False if a part was set twice, or with a part of it.
  [[nodiscard]] bool write(hl7::Editor& editor);

 private:
  struct Entry {
    std::string_view name;  // of a segment; empty for groups and runs
    Item parent = kTop;
    std::uint32_t after = 0;  // at the top
    std::uint32_t order = 0;
    hl7::NodeIndex node = hl7::kNoNode;
    bool in_front = false;
    bool passed = false;  // made by passing through
    std::uint32_t first = 0, end = 0;
    std::uint32_t child = 0, children = 0;  // in sorted_
    std::uint32_t part = 0, parts = 0;
    std::uint16_t appended_field = 0, appended = 0;
  };
  struct Part {
    Item segment = kTop;
    hl7::Location place;
    std::size_t value = 0;
    std::size_t size = 0;
  };

  Item add(Entry entry);
  [[nodiscard]] Item find_passed(Item parent, hl7::NodeIndex node) const;
  [[nodiscard]] bool sort();
  void write_item(Item item, std::string_view terminator, std::string& out) const;
  void write_segment(const Entry& entry, std::string& out) const;

  const hl7::Message* message_ = nullptr;
  const Shape* shape_ = nullptr;
  std::vector<Entry> items_;
  std::vector<Item> passed_;
  std::vector<Item> sorted_;
  std::vector<Part> parts_;
  std::string values_;
  std::string text_;
};

}  // namespace smarthl7::eval

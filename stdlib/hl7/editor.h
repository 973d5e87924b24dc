// SPDX-License-Identifier: Apache-2.0
// Editor: collects changes to a message and writes the result in one pass, in which every byte that no change touches
// comes out as it came in: terminators, byte order mark, trailing delimiters, everything. Reads go to the message, never
// to the changes. The message (and its bytes) outlive the editor or its next reset(). One thread. Places of changes must be
// disjoint: neither the same place twice nor a place and a part of it (asserted by write()). Changes in a segment that is
// deleted have no effect. Setting what is already there changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

class Editor {
 public:
  explicit Editor(const Message& message) : message_(&message) {}

  /// Forgets all changes and turns to another message; the buffers are used again.
  void reset(const Message& message);
  [[nodiscard]] bool empty() const { return edits_.empty() && insertions_.empty() && deletions_.empty(); }
  [[nodiscard]] const Message& message() const { return *message_; }

  // A place is a field or a part of one; what is missing on the way to it is made. MSH-1 and MSH-2 cannot be changed.
  // False, and no change, if the message has no delimiter of that kind (or no escape character and the text needs one):
  // a sender may have named fewer than four characters in MSH-2.

  /// Bytes as they shall stand there, delimiters and escapes included.
  [[nodiscard]] bool set_raw(const Location& place, std::string_view raw);
  /// Text, which is encoded.
  [[nodiscard]] bool set_text(const Location& place, std::string_view text);
  /// The HL7 null, `""`.
  [[nodiscard]] bool set_null(const Location& place) { return set_raw(place, "\"\""); }
  /// Leaves the place empty; its separators stay.
  void clear(const Location& place);
  /// Takes a repetition out of its field: those after it move up.
  void remove_repetition(const Location& place);

  void delete_segment(std::uint32_t index);
  /// A new segment (no terminator) after the given one; several after one segment come out in the order of the calls.
  void insert_segment_after(std::uint32_t index, std::string_view content);

  /// Appends the edited message to `out`.
  void write(std::string& out);

 private:
  enum class Kind : std::uint8_t { set, remove };
  struct Edit {
    Location place;
    Kind kind = Kind::set;
    std::size_t value = 0;  // where the value stands in values_
    std::size_t size = 0;
  };
  struct Insertion {
    std::uint32_t after = 0;
    std::uint32_t order = 0;
    std::size_t value = 0;
    std::size_t size = 0;
  };
  using EditRange = std::pair<const Edit*, const Edit*>;

  void add(Location place, Kind kind, std::string_view value);
  [[nodiscard]] bool reachable(const Location& place) const;
  [[nodiscard]] std::string_view value_of(const Edit& edit) const {
    return std::string_view(values_).substr(edit.value, edit.size);
  }
  void sort_and_check();
  [[nodiscard]] bool all_empty(EditRange edits) const;
  void write_segment(std::uint32_t index, EditRange edits, std::string& out) const;
  void write_parts(std::string_view raw, int level, EditRange edits, std::string& out) const;
  void write_place(std::string_view raw, int level, EditRange edits, std::string& out) const;
  [[nodiscard]] std::string_view terminator_after(std::uint32_t index) const;

  const Message* message_;
  std::vector<Edit> edits_;
  std::vector<std::uint32_t> deletions_;
  std::vector<Insertion> insertions_;
  std::string values_;
  std::string scratch_;  // of set_text()
};

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// Makes messages of any structure of any version from the dictionary: required parts always, optional ones by chance; choices,
// repetitions, subcomponents, escapes, nulls, segments of a site (Z..), values of their types, codes of their tables, within
// their lengths. Deterministic: the same seed, structure and number give the same bytes. People and values are invented.
// One thread at a time; no failure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "tests/support/seeded.h"

namespace smarthl7::testing {

struct GeneratorOptions {
  std::uint64_t seed = 1;
  unsigned optional_segments = 35;  // chance of an optional segment or group, in percent
  unsigned optional_fields = 25;    // of an optional field, and of an optional component
  unsigned repeats = 25;            // of one more of what may repeat (at most three)
  bool nulls = true;                // `""` in optional places
  bool escapes = true;              // escape sequences in texts
  bool local_segments = true;       // ZGN at the end of some messages
  bool international = true;        // some messages with MSH-18 UNICODE UTF-8 and letters beyond ASCII, from 2.3 on
  std::size_t most_segments = 120;  // from here on only what is required
  /// Some structures can be read in two ways (an optional segment at the end of a group that also begins the next): draw again
  /// until the message reads as it was meant, without structural findings.
  bool unambiguous = true;
};

class MessageGenerator {
 public:
  explicit MessageGenerator(hl7::Version version, GeneratorOptions options = {});

  /// The n-th message of the structure; segments end in CR.
  [[nodiscard]] std::string make(const hl7::Structure& structure, std::uint64_t n);
  /// How often the last one was drawn again.
  [[nodiscard]] std::uint64_t drawn_again() const { return attempt_; }

 private:
  struct Room {
    std::size_t characters;  // a value's length at most
  };
  [[nodiscard]] bool chance(unsigned percent) { return random_.below(100) < percent; }
  void make_once(const hl7::Structure& structure, std::uint64_t n);
  void add_node(const hl7::StructureNode& node);
  void add_once(const hl7::StructureNode& node);
  void find_type(const hl7::Structure& structure);
  void add_header(std::uint64_t n);
  void add_segment(const hl7::Segment& segment, std::string_view name);
  void add_local_segment();
  void choose_value_type(const hl7::Segment& segment, std::string_view name);
  [[nodiscard]] std::string special_value(std::string_view segment, const hl7::Field& field);
  [[nodiscard]] std::string field_value(const hl7::Segment& segment, const hl7::Field& field);
  [[nodiscard]] std::string fitting_value(const hl7::Part& part, std::string_view type, const hl7::Table& table, Room room,
                                          unsigned level, bool sparse);
  [[nodiscard]] std::string value(std::string_view type, const hl7::Table& table, Room room, unsigned level, bool sparse);
  [[nodiscard]] std::string related_value(std::string_view type, char separator, bool sparse);
  [[nodiscard]] std::string composite(const hl7::Datatype& type, const hl7::Table& table, Room room, unsigned level,
                                      bool sparse);
  [[nodiscard]] bool is_needed(std::string_view type, std::uint16_t number) const;
  [[nodiscard]] std::string shaped_value(std::string_view type, std::uint16_t number, Room room);
  [[nodiscard]] std::string primitive(std::string_view type, const hl7::Table& table, Room room);
  [[nodiscard]] std::string code(const hl7::Table& table, Room room);
  [[nodiscard]] std::string text(Room room, bool formatted);
  [[nodiscard]] std::string number(Room room);
  [[nodiscard]] std::string date(Room room);
  [[nodiscard]] std::string time(Room room);
  [[nodiscard]] std::string timestamp(Room room);
  [[nodiscard]] std::string timestamp_with_precision(const hl7::Datatype& type, Room room, char separator);

  struct Type {
    std::string code, event, structure;  // MSH-9
  };

  hl7::Version version_;
  GeneratorOptions options_;
  Type type_;
  std::uint64_t attempt_ = 0;
  Seeded random_;
  std::string out_;
  std::size_t segments_ = 0;
  std::string value_type_;                    // OBX-2, MFE-5: of the field that varies
  std::array<std::string, 2> order_numbers_;  // ORC-2 and ORC-3 of the last ORC
  bool unicode_ = false;
};

}  // namespace smarthl7::testing

// SPDX-License-Identifier: Apache-2.0
// ValidationRun: one message being checked against a Validator's tables. Lives for one call of Validator::check. The header and
// the structure are looked at in validate.cc, segments and fields in validate_fields.cc, values in validate_values.cc.
// Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stdlib/hl7/segment_bits.h"
#include "stdlib/hl7/validate_places.h"
#include "stdlib/hl7/validate_tables.h"

namespace smarthl7::hl7 {

class ValidationRun {
 public:
  ValidationRun(const Validator& validator, const Message& message, const Placement& placement, std::vector<Finding>& findings,
                const CheckOptions& options)
      : validator_(validator),
        tables_(validator.tables()),
        message_(message),
        placement_(placement),
        findings_(findings),
        options_(options),
        strict_(options.strictness == Strictness::strict),
        // A message without one of these separators is rare, and takes the long way.
        quick_(options.look == Look::quick && delimiters_.component != 0 && delimiters_.repetition != 0 &&
               delimiters_.subcomponent != 0),
        names_(message, placement, validator.placer()) {}

  Tally run();

 private:
  [[nodiscard]] bool wanted(Rule rule) const { return severity_of(rule, options_.strictness).has_value(); }
  /// Counts a finding; true if it is to be listed.
  [[nodiscard]] bool count(Severity severity);
  [[nodiscard]] Finding begin(Rule rule, Severity severity) const;

  /// `text` is called only if the finding is listed.
  template <class Text>
  void add(const Location& place, Rule rule, const Text& text, std::uint16_t table = 0) {
    const auto severity = severity_of(rule, options_.strictness);
    if (!severity || !count(*severity)) return;
    Finding finding = begin(rule, *severity);
    finding.table = table;
    finding.text = text();
    names_.describe(finding, place, repeats_);
    findings_.push_back(std::move(finding));
  }

  // ---- header and structure
  void check_header();
  void check_structure_name(std::string_view named);
  void check_encoding_characters();
  [[nodiscard]] bool is_older_friend(std::optional<int> order, std::string_view sent) const;
  void check_structure();
  void missing(const PlaceFinding& finding, bool group);
  [[nodiscard]] std::string where(const PlaceFinding& finding) const;
  void check_site_limits();
  void unplaced(std::uint32_t index);

  // ---- segments and fields
  [[nodiscard]] const SegmentCheck* segment_check(NameKey key);
  [[nodiscard]] bool is_present(std::string_view raw) const;
  [[nodiscard]] bool starts_plainly(char first) const {
    return first != '"' && first != delimiters_.repetition && first != delimiters_.component &&
           first != delimiters_.subcomponent;
  }
  void check_segment(std::uint32_t index, const SegmentCheck& check);
  void check_quickly(const SegmentView& segment, const SegmentCheck& check);
  void check_closely(const SegmentView& segment, const SegmentCheck& check, std::size_t number);
  void check_extra_fields(const SegmentView& segment, const SegmentCheck& check);
  [[nodiscard]] bool is_surely_right(const SegmentView& segment, const SegmentCheck& check, std::size_t number,
                                     std::size_t from, std::string_view raw);
  [[nodiscard]] bool is_right_value(const SegmentView& segment, const PartCheck& field, const QuickCheck& quick,
                                    std::string_view raw, std::uint64_t splits);
  [[nodiscard]] bool are_right(const TypeCheck& type, std::string_view raw, std::uint64_t splits) const;
  void check_condition(const SegmentView& segment, const Condition& condition);
  [[nodiscard]] bool holds(const SegmentView& segment, const ConditionTerm& term) const;
  void check_order_numbers(std::uint32_t index);

  // ---- values
  void check_field(Location place, std::string_view whole, const PartCheck& field, const SegmentView& segment);
  [[nodiscard]] const TypeCheck* varying_type(const Location& place, const PartCheck& field, const SegmentView& segment);
  [[nodiscard]] const TypeCheck* value_type(std::string_view name);
  void check_value(const Location& place, std::string_view raw, const PartCheck& field, const TypeCheck* varying);
  void check_components(Location place, std::string_view raw, const TypeCheck& type);
  void check_part(const Location& place, std::string_view value, const PartCheck& component);
  void check_simple(Location place, std::string_view raw, const PartCheck& check, bool in_component);
  void check_length(const Location& place, std::string_view raw, const PartCheck& check);
  void check_leaf(const Location& place, std::string_view raw, const PartCheck& check);
  void check_code(const Location& place, std::string_view value, const CodeCheck& codes);
  void check_escapes(const Location& place, std::string_view raw);
  void check_type_conditions(Location place, std::string_view raw, char separator, const TypeCheck& type);

  // ---- shapes of data types
  void check_shape(const Location& place, std::string_view raw, char separator, Shape shape);
  void check_universal_id(Location place, std::string_view raw, char separator, std::uint16_t first);
  void check_identifier(Location place, std::string_view raw, char separator, std::uint16_t id, std::uint16_t digit,
                        std::uint16_t scheme);
  void check_structured_numeric(Location place, std::string_view raw, char separator);
  void check_money(Location place, std::string_view raw, char separator);
  void check_encapsulated(Location place, std::string_view raw, char separator);
  void check_address(Location place, std::string_view raw, char separator);
  /// The place of the n-th part one level below.
  [[nodiscard]] static Location below(Location place, std::uint16_t number) {
    (place.component == 0 ? place.component : place.subcomponent) = number;
    return place;
  }

  const Validator& validator_;
  const ValidationTables& tables_;
  const Message& message_;
  const Placement& placement_;
  std::vector<Finding>& findings_;
  const CheckOptions& options_;
  const Delimiters delimiters_ = message_.delimiters();
  const bool strict_;
  const bool quick_;
  bool repeats_ = false;  // may the field at hand repeat?
  Tally tally_;
  std::size_t listed_errors_ = 0;
  std::size_t listed_others_ = 0;
  const TypeCheck* last_type_ = nullptr;
  const SegmentCheck* last_segment_ = nullptr;
  std::uint32_t last_order_ = kNoSegment;  // the ORC before
  SegmentBits bits_;
  PlaceNames names_;
};

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// A message type as paths see it: the standard's structure with what the site profile narrows, adds and extends.
// Built from a MessageType in a few microseconds; views into the dictionary and the tree, which outlive it. Immutable; any
// thread; no failure: what a profile says wrongly is left out here and reported by check_message().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/facts.h"
#include "compiler/syntax/ast.h"
#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::check {

using ModelIndex = std::uint16_t;
inline constexpr ModelIndex kNoModelNode = 0xFFFF;

/// A segment, group or choice at its place; node 0 is the structure.
struct ModelNode {
  hl7::NodeKind kind = hl7::NodeKind::segment;
  std::string_view name;
  std::uint16_t min = 0;  // 0 for what stands in a choice
  std::uint16_t max = 1;  // kUnbounded or the number
  ModelIndex parent = kNoModelNode;
  std::uint16_t plan_node = plan::kNoNode;     // the standard's node; none for a segment of the profile
  const syntax::SegmentItem* local = nullptr;  // a segment of the profile

  [[nodiscard]] bool is_segment() const { return kind == hl7::NodeKind::segment; }
  [[nodiscard]] bool is_group() const { return kind == hl7::NodeKind::group; }
  [[nodiscard]] bool repeats() const { return max != 1; }
};

/// A field or component, of the standard or of a Z-segment.
struct PartInfo {
  std::uint16_t number = 0;
  std::string_view name;       // "Patient Identifier List"
  std::string_view type_name;  // "CX", "varies"
  hl7::Datatype type;          // empty for varies and unknown ones
  std::uint16_t min = 0;
  std::uint16_t max = 1;
  std::uint16_t table = 0;
  bool withdrawn = false;

  [[nodiscard]] bool repeats() const { return max != 1; }
  [[nodiscard]] bool varies() const { return type_name == "varies" || type_name == "VARIES" || type_name == "*"; }
};
[[nodiscard]] PartInfo part_info(const hl7::Part& part);
/// A component of that data type. The time of a TS is a DTM, also where it was still listed as ST (2.1 to 2.4).
[[nodiscard]] PartInfo component_info(const hl7::Datatype& type, const hl7::Part& component);

class MessageModel {
 public:
  explicit MessageModel(const MessageType& type);

  [[nodiscard]] const MessageType& type() const { return type_; }
  [[nodiscard]] bool open() const { return type_.kind != MessageType::Kind::hl7; }
  [[nodiscard]] hl7::Version version() const { return version_; }
  /// "2.5.1 ORU_R01"; "2.8.2" for the open type.
  [[nodiscard]] std::string title() const;

  [[nodiscard]] std::span<const ModelNode> nodes() const { return nodes_; }
  [[nodiscard]] const ModelNode& node(ModelIndex index) const { return nodes_[index]; }
  /// Below `group`, itself not counted.
  [[nodiscard]] bool is_below(ModelIndex index, ModelIndex group) const;
  /// The nearest group around; choices are none.
  [[nodiscard]] ModelIndex group_of(ModelIndex index) const;
  /// There is at most one in each instance of the group above it (0: in the message).
  [[nodiscard]] bool single_below(ModelIndex index, ModelIndex group) const;
  /// There is at least one in each instance of the group, in a valid message.
  [[nodiscard]] bool certain_below(ModelIndex index, ModelIndex group) const;

  /// Number of fields of a segment that this message can have; nullopt: no such segment in this version or profile.
  [[nodiscard]] std::optional<std::uint16_t> field_count(std::string_view segment) const;
  [[nodiscard]] std::optional<PartInfo> field(std::string_view segment, std::uint32_t number) const;
  [[nodiscard]] std::optional<PartInfo> field(std::string_view segment, std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> field_names(std::string_view segment) const;
  [[nodiscard]] const syntax::SegmentItem* local_segment(std::string_view name) const;

  /// HL7 defines all codes of the table in this version.
  [[nodiscard]] bool table_closed(std::uint16_t table) const;
  /// `table 0001 closed`
  [[nodiscard]] bool table_closed_by_site(std::uint16_t table) const;
  [[nodiscard]] bool table_has_codes(std::uint16_t table) const;
  [[nodiscard]] bool table_contains(std::uint16_t table, std::string_view code) const;
  [[nodiscard]] std::vector<std::string_view> table_codes(std::uint16_t table) const;

  /// The segment or group that a `one` or `after` names; nullopt: none, or several.
  [[nodiscard]] std::optional<ModelIndex> find_node(const syntax::PathExpr& path) const;

 private:
  void add_standard(const hl7::StructureNode& node, ModelIndex parent);
  void add_profile(const syntax::MessageDecl& profile);
  MessageType type_;
  hl7::Version version_;
  std::vector<ModelNode> nodes_;
};

/// "1..*", "0..1".
[[nodiscard]] std::string cardinality(std::uint16_t min, std::uint16_t max);
/// A table's number as people write it: "0105".
[[nodiscard]] std::string table_text(std::uint16_t table);
/// The number of `0105`; 0 if the text is no table number.
[[nodiscard]] std::uint16_t table_number(std::string_view text);

}  // namespace smarthl7::check

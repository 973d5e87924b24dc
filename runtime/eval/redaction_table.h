// SPDX-License-Identifier: Apache-2.0
// A redaction of a plan as tables: what happens to each field, component and subcomponent of each segment. A segment is worked
// out when the first one comes, then only looked up. On the open type the strongest label of all versions counts, so what
// MSH-12 claims changes nothing. Owned by a Redactor; refers to its plan; one thread; no failure. Internal to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/plan/plan.h"
#include "stdlib/hl7/primitive.h"
#include "stdlib/hl7/redaction_rules.h"

namespace smarthl7::eval {

inline constexpr std::uint16_t kNoRule = 0xFFFF;

enum class Deed : std::uint8_t {
  keep,     // as it stands, whatever it is
  remove,   // nothing
  value,    // one value, by `method`
  parts,    // each part by its own node
  by_type,  // OBX-5: by OBX-2
};

struct RedactionNode {
  Deed deed = Deed::remove;
  hl7::PhiMethod method = hl7::PhiMethod::remove;  // of a value
  hl7::PhiKind kind = hl7::PhiKind::none;          // of a value
  hl7::Primitive form = hl7::Primitive::other;     // of a value
  bool only_if_formed = false;                     // a value that stays must be of its form
  bool beyond_stays = false;                       // parts that the standard does not define
  std::uint8_t component = 1;                      // where the value stands in its data type
  std::uint8_t subcomponent = 1;
  std::uint16_t rule = kNoRule;  // into Redaction::items
  std::uint32_t first = 0;       // children, by RedactionTable::node()
  std::uint32_t count = 0;
};

class RedactionTable {
 public:
  /// Both outlive it.
  RedactionTable(const plan::Plan& plan, const plan::Redaction& redaction);

  [[nodiscard]] const plan::Redaction& redaction() const { return redaction_; }
  /// Fields are the children.
  [[nodiscard]] RedactionNode segment(hl7::NameKey key, std::string_view name);
  /// Of OBX-5 with that type.
  [[nodiscard]] RedactionNode typed(std::string_view type);
  [[nodiscard]] RedactionNode node(std::uint32_t index) const { return nodes_[index]; }
  /// Does a value at a place identify, and is it not to stay as it was? `type` is OBX-2 of its segment.
  [[nodiscard]] bool takes_away(const hl7::RedactionPlace& place, std::string_view segment, std::string_view type) const;
  /// Some item cuts dates to the year, so ages are folded too.
  [[nodiscard]] bool folds_ages() const { return folds_ages_; }

 private:
  struct Leaf {
    hl7::RedactionPlace place;
    hl7::PhiMark mark;
    hl7::RedactionEffect effect;
    std::string_view type;
  };
  /// One definition of a value: a version and the data type it has there.
  struct Defined {
    hl7::Version version;
    std::string_view type;
  };

  [[nodiscard]] RedactionNode compile(hl7::NameKey key, std::string_view name);
  [[nodiscard]] RedactionNode standard_segment(hl7::NameKey key, std::string_view name);
  [[nodiscard]] RedactionNode local_segment(hl7::NameKey key, const plan::LocalSegment& segment);
  [[nodiscard]] RedactionNode named_segment(hl7::NameKey key);
  template <class MarkOf>
  [[nodiscard]] RedactionNode value(hl7::NameKey key, std::uint16_t field, std::span<const Defined> defined, MarkOf&& mark_of);
  [[nodiscard]] RedactionNode leaf(const Leaf& leaf) const;
  [[nodiscard]] RedactionNode parts(std::vector<RedactionNode> children, const hl7::RedactionPlace& beyond);
  [[nodiscard]] bool beyond_stays(const hl7::RedactionPlace& place) const;
  void spare_what_identifies_nobody(std::vector<Leaf>& leaves) const;

  const plan::Plan& plan_;
  const plan::Redaction& redaction_;
  std::vector<hl7::Version> versions_;  // newest first
  std::vector<hl7::RedactionRule> rules_;
  std::vector<RedactionNode> nodes_;
  std::unordered_map<hl7::NameKey, RedactionNode> segments_;
  std::unordered_map<std::string_view, RedactionNode> types_;
  bool folds_ages_ = false;
};

}  // namespace smarthl7::eval

// SPDX-License-Identifier: Apache-2.0
// `split each GROUP`: the parts of a message. A part is the message without the other instances of the group, and without the
// other instances of each group around it: what encloses one instance, byte for byte, with a control id (MSH-10) of its own.
// That id depends on the message alone: "ID.n" for the n-th part, or, where this is longer than the version allows (20
// characters before 2.7, 199 from then on; HL7 2.7 chapter 2, ST with length 1..199), 12 digits of a hash of MSH-3, MSH-4 and
// ID, and ".n".
// Borrows message and placement, which outlive its use; one thread. No failure. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/plan/plan.h"
#include "stdlib/hl7/message.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::eval {

inline constexpr std::size_t kMostParts = 10'000;  // a message that makes more is refused by name

class Splitter {
 public:
  /// `key` is the name of a scope that is a segment.
  Splitter(const hl7::Message& message, const hl7::Placement& placement, const plan::Scope& scope, hl7::NameKey key);

  [[nodiscard]] std::size_t count() const { return parts_.size(); }
  /// Part `index`, from 0.
  [[nodiscard]] std::string part(std::size_t index);

 private:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
  };
  struct Part {
    Range segments;
    hl7::InstanceId around = hl7::kWholeMessage;  // the innermost group instance around it
  };
  [[nodiscard]] const std::vector<Range>& shared(hl7::InstanceId parent, hl7::NodeIndex child);
  void append(Range range, std::string& out) const;
  void write_level(const std::vector<hl7::InstanceId>& chain, std::size_t level, const Part& part, std::string& out);
  void set_control_id(std::size_t index, std::string& out) const;

  const hl7::Message& message_;
  const hl7::Placement& placement_;
  hl7::NodeIndex target_ = hl7::kNoNode;  // kNoNode: every segment of the name
  bool group_ = false;
  hl7::NameKey key_ = 0;
  std::vector<Part> parts_;
  std::unordered_map<hl7::InstanceId, std::vector<Range>> shared_;  // by the instance around
};

}  // namespace smarthl7::eval

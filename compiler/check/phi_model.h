// SPDX-License-Identifier: Apache-2.0
// A message type as a set of places that hold one value each (leaves), with what each says about a person when the message is
// as its sender wrote it. Internal to the checks of patient data.
// Built from a MessageType in microseconds; views into the dictionary and the tree, which outlive it. Immutable; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/facts.h"
#include "compiler/check/model.h"
#include "stdlib/hl7/phi.h"

namespace smarthl7::check {

/// "PID", "PID-5", "PID-5.1.1": all occurrences and repetitions. Numbers from 1; 0: all below.
struct PhiPlace {
  std::string segment;
  std::uint16_t field = 0;
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;

  [[nodiscard]] bool holds(const PhiPlace& other) const {
    return segment == other.segment && (field == 0 || field == other.field) &&
           (component == 0 || component == other.component) && (subcomponent == 0 || subcomponent == other.subcomponent);
  }
  [[nodiscard]] unsigned depth() const { return field == 0 ? 0 : component == 0 ? 1 : subcomponent == 0 ? 2 : 3; }
  friend auto operator<=>(const PhiPlace&, const PhiPlace&) = default;
};
[[nodiscard]] std::string describe(const PhiPlace& place);
[[nodiscard]] PhiPlace place_of(const ResolvedPath& path);

class PhiModel {
 public:
  explicit PhiModel(const MessageType& type) : model_(type) {}

  [[nodiscard]] const MessageModel& model() const { return model_; }
  [[nodiscard]] bool open() const { return model_.open(); }
  /// The segments that a message of the type can have, each once; none of the open type.
  [[nodiscard]] std::vector<std::string> segments() const;
  /// Each leaf at or below a place. A place whose parts are not known (OBX-5) is one leaf. Of a withdrawn field only if
  /// senders are known to fill it.
  void leaves(const PhiPlace& at, const std::function<void(const PhiPlace&)>& f) const;
  /// What the leaf says about a person, as the standard or the site has it.
  [[nodiscard]] hl7::PhiMark own(const PhiPlace& leaf) const;
  /// The type comes from another field.
  [[nodiscard]] bool varies(const PhiPlace& leaf) const;
  /// All places of the segment are in the message itself or in groups that do not repeat, and it does not repeat.
  [[nodiscard]] bool single(std::string_view segment) const;
  [[nodiscard]] bool repeats(const PhiPlace& place) const;

 private:
  MessageModel model_;
};

}  // namespace smarthl7::check

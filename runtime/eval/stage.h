// SPDX-License-Identifier: Apache-2.0
// Stage: a message at one point of a flow (as received, or as a mapping left it) with its placement in the structures that the
// flow speaks of, made when first asked for. Owned by the evaluator and used again; one thread. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/eval/bound_plan.h"
#include "stdlib/hl7/structure.h"

namespace smarthl7::eval {

class Stage {
 public:
  /// Stands on the message as received; it outlives the stage's use.
  void receive(const Bound& bound, const hl7::Message& message);
  /// Takes other bytes and indexes them. False if they are no message (which an edited message always is).
  [[nodiscard]] bool rewrite(const Bound& bound, std::string& bytes);

  [[nodiscard]] const hl7::Message& message() const { return *message_; }
  [[nodiscard]] bool received() const { return message_ != &own_; }
  /// Where the segments stand in the structure of a plan message (a profile).
  [[nodiscard]] const hl7::Placement& placement(plan::Id profile);

 private:
  struct Placed {
    bool valid = false;
    hl7::Placement placement;
  };
  void start(const Bound& bound);

  const Bound* bound_ = nullptr;
  const hl7::Message* message_ = nullptr;
  hl7::Message own_;
  std::string bytes_;
  std::vector<Placed> placed_;
};

}  // namespace smarthl7::eval

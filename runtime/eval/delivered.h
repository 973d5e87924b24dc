// SPDX-License-Identifier: Apache-2.0
// Conditions of a plan on a message outside of any flow: what a test expects of what was delivered. Which type a delivered
// message is seen as is the caller's to say. Keeps buffers; one thread; cannot fail.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/eval/evaluator.h"

namespace smarthl7::eval {

/// The part of a condition that did not hold. Texts are values of the message: for tests only.
struct Unmet {
  std::string path;      // "PID-5[1].1.1"; empty if no single path is to blame
  std::string segment;   // its segment, "PID"
  std::string found;     // what stands there, in UTF-8
  std::string expected;  // what it is compared with; empty for other conditions
  bool absent = false;   // nothing stands there
  bool null = false;     // HL7 "" stands there
  bool compared = false;
  bool equality = false;  // ... with `==`
};

class DeliveredMessage {
 public:
  virtual ~DeliveredMessage() = default;
  /// Turns to a message, which outlives its use, seen as a message of the plan (kNone: the open type).
  virtual void look_at(const hl7::Message& message, plan::Id seen_as) = 0;
  /// A condition; true if it holds, else `unmet` says which part does not.
  [[nodiscard]] virtual bool holds(plan::Id condition, Unmet& unmet) = 0;
};

/// `plan` comes from bind().
[[nodiscard]] std::unique_ptr<DeliveredMessage> make_delivered_message(std::shared_ptr<const BoundPlan> plan);

}  // namespace smarthl7::eval

// SPDX-License-Identifier: Apache-2.0
// ProfileChecker: a message of a plan (`message lab_result = ...`) as a measure for messages outside of any flow: what its
// `validate` step would find. Keeps buffers; one thread; cannot fail.
#pragma once

#include <memory>
#include <vector>

#include "runtime/eval/evaluator.h"
#include "stdlib/hl7/validate.h"

namespace smarthl7::eval {

class ProfileChecker {
 public:
  virtual ~ProfileChecker() = default;
  /// Appends to findings and counts them.
  virtual hl7::Tally check(const hl7::Message& message, hl7::Strictness strictness, std::vector<hl7::Finding>& findings) = 0;
};

/// `message` is an index of Plan::messages. `plan` comes from bind().
[[nodiscard]] std::unique_ptr<ProfileChecker> make_profile_checker(std::shared_ptr<const BoundPlan> plan, plan::Id message);

}  // namespace smarthl7::eval

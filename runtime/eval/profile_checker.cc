// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/profile_checker.h"

#include "runtime/eval/profile_check.h"

namespace smarthl7::eval {
namespace {

class CheckerOfBound final : public ProfileChecker {
 public:
  CheckerOfBound(std::shared_ptr<const Bound> bound, plan::Id message)
      : bound_(std::move(bound)), interpreter_(*bound_), message_(message) {}

  hl7::Tally check(const hl7::Message& message, hl7::Strictness strictness, std::vector<hl7::Finding>& findings) override {
    interpreter_.reset();
    stage_.receive(*bound_, message, hl7::Charset::utf8);  // where MSH-18 is silent
    return check_profile(*bound_, interpreter_, stage_, message_, strictness, findings);
  }

 private:
  std::shared_ptr<const Bound> bound_;
  Interpreter interpreter_;
  Stage stage_;
  plan::Id message_;
};

}  // namespace

std::unique_ptr<ProfileChecker> make_profile_checker(std::shared_ptr<const BoundPlan> plan, plan::Id message) {
  return std::make_unique<CheckerOfBound>(std::static_pointer_cast<const Bound>(std::move(plan)), message);
}

}  // namespace smarthl7::eval

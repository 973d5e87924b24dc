// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/stage.h"

namespace smarthl7::eval {

void Stage::start(const Bound& bound) {
  bound_ = &bound;
  placed_.resize(bound.plan().messages.size());
  for (Placed& placed : placed_) placed.valid = false;
}

void Stage::receive(const Bound& bound, const hl7::Message& message) {
  start(bound);
  message_ = &message;
}

bool Stage::rewrite(const Bound& bound, std::string& bytes) {
  start(bound);
  bytes_.swap(bytes);
  message_ = &own_;
  return own_.reset(std::string_view(bytes_)).has_value();
}

const hl7::Placement& Stage::placement(plan::Id profile) {
  Placed& placed = placed_[profile];
  if (!placed.valid) {
    bound_->validator(profile).placer().place(*message_, placed.placement);
    placed.valid = true;
  }
  return placed.placement;
}

}  // namespace smarthl7::eval

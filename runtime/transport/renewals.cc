// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/renewals.h"

namespace smarthl7::transport {

void Renewals::add(std::weak_ptr<Renewable> one) {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [](const auto& weak) { return weak.expired(); });  // connections come and go
  all_.push_back(std::move(one));
}

Result<void> Renewals::renew(const Options& fresh) {
  std::vector<std::shared_ptr<Renewable>> living;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : all_) {
      if (auto one = weak.lock()) living.push_back(std::move(one));
    }
  }
  Result<void> outcome;
  for (const auto& one : living) {
    Result<void> renewed = one->renew(fresh);
    if (!renewed && outcome) outcome = std::move(renewed);
  }
  return outcome;
}

}  // namespace smarthl7::transport

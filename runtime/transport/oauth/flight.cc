// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/oauth/flight.h"

#include <utility>

namespace smarthl7::transport::oauth {

std::shared_ptr<Flight::Waiter> Flight::join(env::Executor& home, env::Abandon& abandon) {
  auto waiter = std::make_shared<Waiter>();
  waiter->home = &home;
  waiter->changed = &abandon.changed;
  waiters_.push_back(waiter);
  return waiter;
}

Flight::Waiters Flight::land() {
  flying_ = false;
  return std::exchange(waiters_, {});
}

void Flight::wake(const Waiters& waiters) {
  for (const auto& waiter : waiters) {
    waiter->home->post([waiter] {
      waiter->landed = true;
      if (waiter->changed != nullptr) waiter->changed->notify_all();
    });
  }
}

env::Task<bool> Flight::wait(std::shared_ptr<Waiter> waiter, env::Abandon* abandon, SteadyTime deadline) {
  while (!waiter->landed && !abandon->requested) {
    const bool told = co_await abandon->changed.wait(deadline);
    if (!told) break;
  }
  waiter->changed = nullptr;
  co_return waiter->landed && !abandon->requested;
}

}  // namespace smarthl7::transport::oauth

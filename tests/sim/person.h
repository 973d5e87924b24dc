// SPDX-License-Identifier: Apache-2.0
// A person who replays dead letters. What was asked and not answered, since the hub ended meanwhile, is asked again in the next
// life by the same request: it must not go twice. Ownership: lives through all lives of the hub; borrows the store of one for a
// call. Threads: an executor of the hub. Failure: a store that refuses or has stopped is asked again later.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/sim/world.h"
#include "runtime/store/acts.h"

namespace smarthl7::sim {

struct Replayed {
  store::DeliveryId letter;
  store::MessageId made = 0;
};

class Person {
 public:
  Person(World& world, Rng rng) : world_(world), rng_(rng) {}

  /// Asks for one replay: the one that had no answer, or of a letter of its choice.
  [[nodiscard]] env::Task<void> replay(store::Store* store);
  [[nodiscard]] bool waits() const { return asked_.has_value(); }
  /// Those that went, each as a message of its own.
  [[nodiscard]] const std::vector<Replayed>& replayed() const { return replayed_; }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Request {
    std::string id;
    store::DeliveryId letter;
    bool despite_order = false;
    unsigned times = 0;
  };
  [[nodiscard]] env::Task<bool> choose(store::Store* store);
  void take(const store::ReplayVerdict& verdict);

  World& world_;
  Rng rng_;
  unsigned requests_ = 0;
  std::optional<Request> asked_;
  std::vector<Replayed> replayed_;
  std::vector<std::string> complaints_;
};

}  // namespace smarthl7::sim

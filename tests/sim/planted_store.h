// SPDX-License-Identifier: Apache-2.0
// The planted bugs that are a wrong store. Internal to planted*.cc. Ownership: each owns the real store. Threads: any executor
// of the simulation. Failure: that of the real store, apart from the bug.
#pragma once

#include <map>
#include <memory>

#include "runtime/sim/world.h"
#include "tests/sim/planted.h"

namespace smarthl7::sim {

struct WrittenKey {
  Hash128 content;
  store::Accepted first;
};

struct Planted::Memory {  // what a bug has on a disk of its own
  explicit Memory(World& given) : world(given), rng(given.rng().split()) {}
  World& world;
  Rng rng;
  std::map<std::pair<std::uint64_t, std::uint64_t>, WrittenKey> keys;
};

[[nodiscard]] std::unique_ptr<store::Store> make_eager_store(std::unique_ptr<store::Store> inner);
[[nodiscard]] std::unique_ptr<store::Store> make_forgetful_store(std::unique_ptr<store::Store> inner,
                                                                 std::shared_ptr<Planted::Memory> memory);
[[nodiscard]] std::unique_ptr<store::Store> make_reordering_store(std::unique_ptr<store::Store> inner);
[[nodiscard]] std::unique_ptr<store::Store> make_late_key_store(std::unique_ptr<store::Store> inner,
                                                                std::shared_ptr<Planted::Memory> memory);

}  // namespace smarthl7::sim

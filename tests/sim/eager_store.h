// SPDX-License-Identifier: Apache-2.0
// The planted bug: a store that says "accepted" before the real one has made the message durable. Only tests build it; the
// simulation must find it. Ownership: owns the real store. Threads: accept() on any executor of the simulation.
#pragma once

#include <memory>

#include "runtime/store/store.h"

namespace smarthl7::sim {

[[nodiscard]] std::unique_ptr<store::Store> make_eager_store(std::unique_ptr<store::Store> inner);

}  // namespace smarthl7::sim

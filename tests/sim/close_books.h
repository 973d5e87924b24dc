// SPDX-License-Identifier: Apache-2.0
// Reads from the hub's store, as a person would, what it says of every message, when a history is over.
// Ownership: borrows all. Threads: an executor of the hub. Failure: the first error
// of the store; the books are then not whole.
#pragma once

#include <optional>

#include "tests/sim/checker.h"

namespace smarthl7::sim {

[[nodiscard]] env::Task<std::optional<Error>> close_books(store::Store* store, Books* books);

}  // namespace smarthl7::sim

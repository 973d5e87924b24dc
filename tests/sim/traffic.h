// SPDX-License-Identifier: Apache-2.0
// What the laboratories of a history send: results with one to three orders, changes, merges and swaps of five patients, types
// that the source does not take, and other bytes under a known control id. And how a message is told apart and ordered, read
// here by hand, apart from the hub's own parser. Pure functions; no failure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/sim/rng.h"
#include "tests/sim/scenario.h"

namespace smarthl7::sim {

/// Of one laboratory, in the order in which it sends them.
[[nodiscard]] std::vector<std::string> make_traffic(Rng& rng, const Scenario& scenario, const std::string& lab, unsigned count);

/// Control id and mark: no two messages have the same, also if their control ids are.
[[nodiscard]] std::string identity_of(std::string_view message);

/// First component of the first patient's PID-3 and PID-18; one value for a message without either.
[[nodiscard]] std::set<std::string> patient_keys(std::string_view message);
/// Every identifier of every PID, and of MRG-1.
[[nodiscard]] std::set<std::string> all_identifiers(std::string_view message);

/// What `split each ORDER_OBSERVATION` makes of it: one message for each order, or the message itself.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& message);

}  // namespace smarthl7::sim

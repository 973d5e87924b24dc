// SPDX-License-Identifier: Apache-2.0
// Makes a failing history smaller: fewer messages, fewer lives of the hub, fewer parts and faults, as long as some promise is
// still broken. Each try is a process of its own. No failure: at worst the scenario comes back as it was.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/scenario.h"

namespace smarthl7::sim {

struct Shrunk {
  Scenario scenario;
  std::vector<std::string> broken;
  unsigned tries = 0;
};
[[nodiscard]] Shrunk shrink(const Scenario& failing, std::vector<std::string> broken, unsigned most_tries = 300);

}  // namespace smarthl7::sim

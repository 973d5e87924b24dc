// SPDX-License-Identifier: Apache-2.0
// A plan from what a user names: a plan file, or route files and folders that are compiled on the spot.
// Failure: the complaint is printed on standard error; the exit code is returned. Main thread.
#pragma once

#include <expected>
#include <iosfwd>
#include <string>
#include <vector>

#include "compiler/driver/driver.h"
#include "compiler/plan/plan.h"

namespace smarthl7::app {

struct PlanInput {
  plan::Plan plan;
  Sha256 digest{};
  std::string folder;  // what the plan's file names (certificates) are relative to
};

[[nodiscard]] std::expected<PlanInput, int> load_plan(const std::vector<std::string>& paths, const std::string& environment);

void print_diagnostics(const driver::Compilation& compilation, std::ostream& out, bool terminal);

}  // namespace smarthl7::app

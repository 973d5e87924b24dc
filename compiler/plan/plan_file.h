// SPDX-License-Identifier: Apache-2.0
// The plan as a file: one Cap'n Proto message (plan.capnp) behind a fixed header with magic, schema version and SHA-256 of the
// rest. Writing is canonical. Reading trusts nothing: bounds, indices and acyclicity are checked before a Plan is given out.
// Pure functions; any thread. Errors: invalid (not a plan), version (written for another schema; the text names both), corrupt.
#pragma once

#include <string>
#include <string_view>

#include "compiler/plan/plan.h"
#include "stdlib/base/result.h"

namespace smarthl7::plan {

[[nodiscard]] std::string write_plan(const Plan& plan);
[[nodiscard]] Result<Plan> read_plan(std::string_view bytes);
/// Identity of a plan: the SHA-256 in its header.
[[nodiscard]] Result<Sha256> plan_digest(std::string_view bytes);
/// What `plan show` prints: operations and checkpoints in words, one per line; golden tests compare it.
[[nodiscard]] std::string describe_plan(const Plan& plan);

}  // namespace smarthl7::plan

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
/// The SHA-256 in the header, if it is that of what follows: the file is whole.
[[nodiscard]] Result<Sha256> plan_checksum(std::string_view bytes);
/// What the plan does, as a number: two plans of one digest treat every message alike. Where in the route files a thing stands
/// and how they are laid out does not count, so formatting, comments and tests leave it as it is.
[[nodiscard]] Sha256 plan_digest(const Plan& plan);
/// The same of a written plan; fails as read_plan() does.
[[nodiscard]] Result<Sha256> plan_digest(std::string_view bytes);
/// What `plan show` prints: operations and checkpoints in words, one per line; golden tests compare it.
[[nodiscard]] std::string describe_plan(const Plan& plan);

}  // namespace smarthl7::plan

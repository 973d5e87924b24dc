// SPDX-License-Identifier: Apache-2.0
// From a checked project to its plan. Only for a context whose sink has no errors; then it cannot fail. Canonical: the same
// files give the same plan. One thread.
#pragma once

#include <string_view>

#include "compiler/check/context.h"
#include "compiler/plan/plan.h"
#include "compiler/plan/trials.h"

namespace smarthl7::lower {

[[nodiscard]] plan::Plan lower(const check::Context& context, std::string_view compiler_version, const Sha256& library);

/// The same plan with the tests of the project, whose conditions are appended to it.
[[nodiscard]] plan::Trials lower_with_tests(const check::Context& context, std::string_view compiler_version,
                                            const Sha256& library);

}  // namespace smarthl7::lower

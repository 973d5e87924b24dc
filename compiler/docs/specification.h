// SPDX-License-Identifier: Apache-2.0
// The interface specification of a project: for each flow its picture, who sends and receives what, the message profile, the
// mapping as a table, what is redacted, what happens when something fails, whom to call, and the tests that it passes. What two
// organisations sign before they connect, made from what runs.
// Pure function of what checking left; any thread. The project has no errors.
#pragma once

#include <string>

#include "compiler/check/facts.h"
#include "compiler/docs/document.h"
#include "compiler/plan/plan.h"
#include "compiler/resolve/resolve.h"
#include "compiler/source/source.h"

namespace smarthl7::docs {

struct Project {
  const source::SourceSet& sources;
  const resolve::Project& declared;
  const check::Facts& facts;
  const plan::Plan& plan;
};

[[nodiscard]] Document specification(const Project& project, std::string title);

}  // namespace smarthl7::docs

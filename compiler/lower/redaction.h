// SPDX-License-Identifier: Apache-2.0
// A redaction where a flow uses it, as plan::Redaction: one for each type of message that it meets. For a checked context;
// cannot fail; one thread.
#pragma once

#include "compiler/lower/plan_builder.h"

namespace smarthl7::lower {

/// Its index in Plan::redactions.
Id lower_redaction(PlanBuilder& builder, const syntax::RedactStep& step);

/// For any message, of whatever version: what a command gets that is given a redaction's name. kNone if it was not read.
Id lower_redaction(PlanBuilder& builder, std::string_view name);

}  // namespace smarthl7::lower

// SPDX-License-Identifier: Apache-2.0
// A message declaration as plan::Message: cardinalities, Z-segments, table additions, rules. After the check; cannot fail.
#pragma once

#include "compiler/lower/plan_builder.h"

namespace smarthl7::lower {

plan::Message lower_message(PlanBuilder& builder, const syntax::MessageDecl& message);

}  // namespace smarthl7::lower

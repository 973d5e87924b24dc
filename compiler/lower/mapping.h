// SPDX-License-Identifier: Apache-2.0
// A mapping declaration as plan::Mapping; its statements go into Plan::statements. After the check; cannot fail.
#pragma once

#include "compiler/lower/plan_builder.h"

namespace smarthl7::lower {

plan::Mapping lower_mapping(PlanBuilder& builder, const syntax::MappingDecl& mapping);

}  // namespace smarthl7::lower

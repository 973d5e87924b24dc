// SPDX-License-Identifier: Apache-2.0
// Walks over the steps of a flow as written: its sources, and where it delivers, arms, branches and `else` included.
// Pure; any thread; no failure.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "compiler/syntax/ast.h"

namespace smarthl7::check {

[[nodiscard]] std::vector<std::string_view> sources_of(const syntax::FlowDecl& flow);

void deliveries_of(syntax::List<syntax::Step> steps, const std::function<void(const syntax::Name&)>& f);

}  // namespace smarthl7::check

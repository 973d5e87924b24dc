// SPDX-License-Identifier: Apache-2.0
// Paths of redactions. They belong to no message type, so a place must exist in some version of the standard or in a segment
// that a message declares; they speak of every occurrence, so they have no index. Inside of redaction.h. One thread; reports to
// the context's sink.
#pragma once

#include <optional>

#include "compiler/check/context.h"

namespace smarthl7::check {

/// nullopt: reported. `what` begins the message about an index: "a redaction".
[[nodiscard]] std::optional<RedactionTarget> read_target(const Context& context, const syntax::PathExpr& path);

}  // namespace smarthl7::check

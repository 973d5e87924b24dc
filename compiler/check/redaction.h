// SPDX-License-Identifier: Apache-2.0
// Redactions: their places exist in some version, their methods and options are right, what they start `from` is there. What
// level a redaction leaves is proved where it is used (phi). One thread; reports to the context's sink, fills
// Context::redactions with those of the standard library too.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_redactions(Context& context);

/// The redaction that a step uses; null if it was not read (which was reported).
[[nodiscard]] const RedactionInfo* redaction_of(const Context& context, const syntax::RedactStep& step);

}  // namespace smarthl7::check

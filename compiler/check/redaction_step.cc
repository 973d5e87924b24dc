// SPDX-License-Identifier: Apache-2.0
// `redact N` in a flow. What it leaves of the message's type: its version and structure, and nothing of what was proven. The
// level it leaves is proved in phi*.cc.
#include <fmt/format.h>

#include "compiler/check/flow_checker.h"
#include "compiler/check/redaction.h"

namespace smarthl7::check {

Way FlowChecker::redact(const syntax::RedactStep& step, Way way) {
  if (step.otherwise != nullptr && !step.otherwise->poisoned) {
    diag::Diagnostic diagnostic{.code = diag::Code::W0402,
                                .span = step.otherwise->span,
                                .message = "a redaction cannot fail, so this `else` is never reached"};
    diagnostic.help = "remove it";
    diagnostic.fixes.push_back(diag::replace(step.otherwise->span, "", "remove it"));
    context_.sink.report(std::move(diagnostic));
  }
  way.state.proofs = {};
  way.state.type.redacted = way.state.type.kind == MessageType::Kind::hl7;
  return way;
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/grammar_step.h"

namespace smarthl7::syntax::grammar {

bool match_steps(Input& in, State& st) { return run<steps_rule>(in, st); }

}  // namespace smarthl7::syntax::grammar

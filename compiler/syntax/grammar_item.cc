// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/grammar_item.h"

namespace smarthl7::syntax::grammar {

bool match_message_block(Input& in, State& st) { return run<message_block_rule>(in, st); }
bool match_mapping_block(Input& in, State& st) { return run<mapping_block_rule>(in, st); }
bool match_redaction_block(Input& in, State& st) { return run<redaction_block_rule>(in, st); }

}  // namespace smarthl7::syntax::grammar

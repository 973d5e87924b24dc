// SPDX-License-Identifier: Apache-2.0
// `mapping NAME : MESSAGE { ... }`: a set of equations over a copy of the message; `: A -> B` over an A, for a new B. Checked
// by the declared type alone, as if the message were validated. Reports to the context's sink; facts.failures says of each
// statement why it can fail.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_mapping(Context& context, const syntax::MappingDecl& mapping);

/// What is still proven after the mapping ran: a proof lives until its path is assigned. After check_mapping().
Proofs proofs_after(Context& context, const syntax::MappingDecl& mapping, const Proofs& before);

/// An `else reject` stands somewhere in it, so a flow that maps by it can reject.
bool mapping_rejects(const syntax::MappingDecl& mapping);

}  // namespace smarthl7::check

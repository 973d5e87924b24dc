// SPDX-License-Identifier: Apache-2.0
// `message NAME = hl7 VERSION STRUCTURE { ... }`: the type and its profile. declare_message() for every declaration comes
// before anything that has paths; check_message() needs the tables too. Reports to the context's sink, facts go to its Facts.
#pragma once

#include "compiler/check/context.h"

namespace smarthl7::check {

/// Finds version and structure, and stores the MessageType in facts.messages.
void declare_message(Context& context, const syntax::MessageDecl& message);

/// The items: cardinalities, Z-segments, additions to tables, what is required, conditions, rules.
void check_message(Context& context, const syntax::MessageDecl& message);

}  // namespace smarthl7::check

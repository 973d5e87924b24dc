// SPDX-License-Identifier: Apache-2.0
// The `test` blocks: what they send is HL7, what they expect can happen, their conditions fit the messages that are delivered.
// Runs after check_flows(), whose steps say what arrives where. Fills context.frames and context.arrivals; the first type's
// facts go to context.facts too, for editors. Reports to the sink; one thread; nothing throws.
#pragma once

#include <set>
#include <vector>

#include "compiler/check/context.h"

namespace smarthl7::check {

void check_tests(Context& context);

/// Where tests name a source or destination, which is no use of it.
[[nodiscard]] std::set<NodeId> names_in_tests(const Context& context);

/// test_arrivals.cc: every type of message that some flow delivers to the destination, each once, with what all its deliveries
/// have proven.
[[nodiscard]] std::vector<MessageState> delivered_to(const Context& context, std::string_view destination);

/// test_messages.cc: what `send` puts on the wire, or nothing if the file or text is no HL7, which is reported.
[[nodiscard]] std::vector<std::string> frames_of(Context& context, const syntax::SendItem& send);

}  // namespace smarthl7::check

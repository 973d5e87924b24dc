// SPDX-License-Identifier: Apache-2.0
// What is said where more would arrive than a destination holds: the field, why it still says who somebody is, and the way
// that it took.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/phi_flow.h"

namespace smarthl7::check {

using diag::Code;
void PhiFlow::deliver_else(const syntax::ElseClause* clause, const PhiState& state) {
  if (clause == nullptr || clause->kind != syntax::ElseKind::deliver) return;
  for (const syntax::Name* name : clause->destinations) deliver(*name, state);
}

void PhiFlow::deliver(const syntax::Name& name, const PhiState& state) {
  const auto at = context_.destinations.find(name.text);
  if (at == context_.destinations.end() || at->second.refused) return;
  const DestinationInfo& destination = at->second;
  if (state.level < destination.values.holds) too_high(name, destination, state);
}

void PhiFlow::too_high(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state) {
  never_redacted(name, destination, state);
}

void PhiFlow::never_redacted(const syntax::Name& name, const DestinationInfo& destination, const PhiState& state) {
  diag::Diagnostic diagnostic{.code = Code::E0601,
                              .span = name.span,
                              .message = fmt::format("`{}` holds {} data, and what comes here is {}", name.text,
                                                     level_name(destination.values.holds), level_name(state.level))};
  if (const syntax::Option* holds = destination.declaration->options->find("holds"))
    diagnostic.secondary.push_back({holds->span, "what it may hold"});
  if (state.unredacted) diagnostic.secondary.push_back({*state.unredacted, "on this way nothing lowers it"});
  diagnostic.help =
      destination.values.holds == plan::Level::limited
          ? "put `redact std.phi.limited_data_set` before it, or say `yields` in the source if its data are not identified"
          : "put `redact std.phi.safe_harbor` before it, or say `yields` in the source if its data are not identified";
  context_.sink.report(std::move(diagnostic));
}

}  // namespace smarthl7::check

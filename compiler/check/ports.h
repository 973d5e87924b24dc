// SPDX-License-Identifier: Apache-2.0
// Who meets whom at which address, in every environment: two sources on one port, two destinations with one address, and
// destinations that deliver to sources of the same project (links), which may close a circle.
// Reads what the options of sources and destinations say; reports to the sink; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/context.h"

namespace smarthl7::check {

/// Sources that listen on one port (E0708) and destinations that connect to one address (W0710).
void check_ports(Context& context);

/// A destination that delivers to a source of this project.
struct Link {
  const DestinationInfo* destination = nullptr;
  const SourceInfo* source = nullptr;
  const syntax::Expr* connect = nullptr;
  const syntax::Expr* listen = nullptr;
  std::string environment;  // empty: as the settings are by default
};
/// Each pair once, in the order of their names.
[[nodiscard]] std::vector<Link> links_of(const Context& context);

/// What a source takes must not come back to it (E0731): flows, destinations and sources in a circle.
void check_circles(Context& context);

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
// What the options of a connector over plain connections (mllp, tcp) must be among themselves: what goes with an end that is
// never answered. Internal to the check of connections; reports to the sink; one thread.
#pragma once

#include "compiler/check/option_block.h"

namespace smarthl7::check {

[[nodiscard]] inline bool is_wire(const connectors::ConnectorSpec& connector) {
  return connector.name == "mllp" || connector.name == "tcp";
}

void check_wire_source(Context& context, OptionReader& reader, const SourceInfo& source);
void check_wire_destination(Context& context, OptionReader& reader, const DestinationInfo& destination);

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
// The options of mllp: HL7 v2 messages in VT ... FS CR frames over TCP, plain or TLS. Constant data.
#pragma once

#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

extern const ConnectorSpec kMllp;

}  // namespace smarthl7::connectors

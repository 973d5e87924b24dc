// SPDX-License-Identifier: Apache-2.0
// The options of https: HL7 v2 messages in POST requests, answered in the response. Constant data.
#pragma once

#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

extern const ConnectorSpec kHttps;

}  // namespace smarthl7::connectors

// SPDX-License-Identifier: Apache-2.0
// The options of file: messages and batches in the files of a folder of the hub's machine. Constant data.
#pragma once

#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

extern const ConnectorSpec kFileConnector;

}  // namespace smarthl7::connectors

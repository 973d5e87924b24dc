// SPDX-License-Identifier: Apache-2.0
// The options of sftp: messages and batches in the files of a folder of an SFTP server. Constant data.
#pragma once

#include "stdlib/connectors/spec.h"

namespace smarthl7::connectors {

extern const ConnectorSpec kSftp;

}  // namespace smarthl7::connectors

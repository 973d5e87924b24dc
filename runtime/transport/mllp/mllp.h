// SPDX-License-Identifier: Apache-2.0
// The mllp transport: HL7 v2 messages in VT ... FS CR frames over TCP, plain or TLS. Options: stdlib/connectors/mllp.cc, with
// files resolved to their bytes. Ownership, threads and failure: as runtime/transport/transport.h says.
#pragma once

#include "runtime/transport/transport.h"

namespace smarthl7::transport::mllp {

[[nodiscard]] std::unique_ptr<Transport> make_transport();

}  // namespace smarthl7::transport::mllp

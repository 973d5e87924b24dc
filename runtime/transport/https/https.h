// SPDX-License-Identifier: Apache-2.0
// The https transport: HL7 v2 messages in the bodies of HTTP/1.1 POST requests, answered in the response (HL7 over HTTP, the
// HAPI project; RFC 9110 and 9112), over TLS or plain. Options: stdlib/connectors/https.cc, with files resolved to their bytes.
// Ownership, threads and failure: as runtime/transport/transport.h says.
#pragma once

#include "runtime/transport/transport.h"

namespace smarthl7::transport::https {

[[nodiscard]] std::unique_ptr<Transport> make_transport();

}  // namespace smarthl7::transport::https

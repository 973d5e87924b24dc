// SPDX-License-Identifier: Apache-2.0
// The handshakes with a proxy over a connection that is made; after them the stream is one to the receiver. Internal to this
// folder. Threads, failure: as proxy.h says.
#pragma once

#include "runtime/transport/proxy/proxy.h"

namespace smarthl7::transport {

env::Task<Result<void>> open_http_tunnel(env::Stream* stream, const Proxy* proxy, env::Endpoint to, SteadyTime deadline);
env::Task<Result<void>> open_socks_tunnel(env::Stream* stream, const Proxy* proxy, env::Endpoint to, SteadyTime deadline);

}  // namespace smarthl7::transport

// SPDX-License-Identifier: Apache-2.0
// Connections through a proxy of the network that the hub stands in: HTTP CONNECT (RFC 9110 section 9.3.6) with basic
// credentials, and SOCKS5 (RFC 1928) with user and password (RFC 1929). The proxy resolves the receiver's name, and sees
// nothing of what TLS carries then. Ownership: the stream is the caller's. Threads: the executor of the network. Failure:
// ErrorCode::refused when the proxy rejects our credentials, else unreachable, timeout, closed; invalid from read_proxy()
// alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/env/stream.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::transport {

struct Proxy {
  enum class Kind : std::uint8_t { http, socks5 };
  Kind kind = Kind::http;
  env::Endpoint endpoint;
  std::string user;  // empty: it asks for none
  Secret password;
};

/// "http://proxy.example:3128" or "socks5://proxy.example:1080"; the port is required, and nothing may follow it.
[[nodiscard]] Result<Proxy> read_proxy(std::string_view url);

/// Straight to `to` if `proxy` is null. Both live until the task ends.
env::Task<Result<std::unique_ptr<env::Stream>>> connect_through(env::Network* network, const Proxy* proxy, env::Endpoint to,
                                                                SteadyTime deadline, env::Abandon* abandon);

}  // namespace smarthl7::transport

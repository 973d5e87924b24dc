// SPDX-License-Identifier: Apache-2.0
// The address of a receiver: http or https, host, port, and what is asked for there (RFC 9110 section 4.2). No name and
// password in it (they would stand in logs), no fragment. Pure; any thread. Failure: ErrorCode::invalid.
#pragma once

#include <string>
#include <string_view>

#include "runtime/env/stream.h"

namespace smarthl7::transport::https {

struct Url {
  bool tls = true;
  env::Endpoint endpoint;
  std::string authority;  // as it stands in Host
  std::string target;     // path and query
};

[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace smarthl7::transport::https

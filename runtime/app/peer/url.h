// SPDX-License-Identifier: Apache-2.0
// The addresses that `send` and `listen` take, and their TLS files, as options of the mllp transport. Pure functions.
#pragma once

#include <string>

#include "runtime/transport/options.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::app::peer {

struct Tls {                // contents of PEM files
  std::string ca;           // send: who may have signed the server's certificate; listen: who may have signed clients'
  std::string certificate;  // own; listen needs it for mllps
  Secret key;
  std::string name;  // send: what the server's certificate must be for; empty: the host
  bool require_client = false;
};

/// "mllp://host:port" or "mllps://host:port", as options of a destination or of a source.
[[nodiscard]] Result<transport::Options> destination_options(const std::string& url, const Tls& tls);
[[nodiscard]] Result<transport::Options> source_options(const std::string& url, const Tls& tls);

}  // namespace smarthl7::app::peer

// SPDX-License-Identifier: Apache-2.0
// The addresses that `send` and `listen` take, and their TLS files: a transport and its options. Pure functions.
#pragma once

#include <memory>
#include <string>

#include "runtime/transport/transport.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::app::peer {

struct Tls {                // contents of PEM files
  std::string ca;           // send: who may have signed the server's certificate; listen: who may have signed clients'
  std::string certificate;  // own; listen needs it for mllps and https
  Secret key;
  std::string name;  // send: what the server's certificate must be for; empty: the host
  bool require_client = false;
};

struct End {
  std::unique_ptr<transport::Transport> transport;
  transport::Options options;
};

/// "mllp://host:port", "mllps://host:port", "http://host/path", "https://host/path", as a destination or a source.
[[nodiscard]] Result<End> destination_end(const std::string& url, const Tls& tls);
[[nodiscard]] Result<End> source_end(const std::string& url, const Tls& tls);

}  // namespace smarthl7::app::peer

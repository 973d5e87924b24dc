// SPDX-License-Identifier: Apache-2.0
// TLS as a `tls { ... }` block of a source or destination says it, and how renewed files reach it. Ownership: who keeps
// `renewal` is told of new files; it keeps the context alive, not the other way round. Threads: any. Failure: as tls.h says.
#pragma once

#include <memory>
#include <string>

#include "runtime/transport/options.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/tls/tls.h"

namespace smarthl7::transport::tls {

struct Secured {
  std::shared_ptr<const Context> context;
  std::shared_ptr<Renewable> renewal;  // null: nobody renews what the options hold
};

[[nodiscard]] Result<Secured> serve_with(const Options& options);
/// `host` is the name that the certificate must carry, unless the block names another.
[[nodiscard]] Result<Secured> connect_with(const Options& options, const std::string& host);

}  // namespace smarthl7::transport::tls

// SPDX-License-Identifier: Apache-2.0
// Load for HTTPS: N connections with TLS 1.3, each a thread that posts a result of about 2.5 KB with a new control id, waits
// for the response and posts the next. Shares no code with the hub. Threads: call from one.
#pragma once

#include "tests/bench/load.h"

namespace smarthl7::bench {

/// `acknowledged` counts responses of 200 whose body holds `due` ("MSA|AA", or what an echo sends back).
[[nodiscard]] LoadResult run_https_load(const LoadOptions& options, std::string_view due);

}  // namespace smarthl7::bench

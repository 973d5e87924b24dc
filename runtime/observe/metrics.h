// SPDX-License-Identifier: Apache-2.0
// A service's status in the text format that Prometheus reads (exposition format 0.0.4). Pure; any thread; no patient data.
#pragma once

#include <string>

#include "runtime/observe/status.h"

namespace smarthl7::observe {

[[nodiscard]] std::string to_prometheus(const ServiceStatus& status, std::uint64_t syncs, std::uint64_t bytes_written);

}  // namespace smarthl7::observe

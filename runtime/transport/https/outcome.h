// SPDX-License-Identifier: Apache-2.0
// What a status means for the message, where no acknowledgement comes with it (RFC 9110 section 15): 2xx taken; 408, 425, 429,
// 3xx and 5xx for now; 401, 403 and 407 are about us and not about the message; any other 4xx for good. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "runtime/transport/transport.h"

namespace smarthl7::transport::https {

/// nullopt: our credentials were rejected.
[[nodiscard]] std::optional<Judgement> judgement_of(unsigned status);
/// Retry-After, in seconds or as a date (RFC 9110 section 10.2.3); 0 if it says nothing that can be read.
[[nodiscard]] std::chrono::nanoseconds read_retry_after(std::string_view text, WallTime now);

}  // namespace smarthl7::transport::https

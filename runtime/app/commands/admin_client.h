// SPDX-License-Identifier: Apache-2.0
// Asks a running service through its admin interface, for the commands. Threads: main thread; blocks until the answer is there.
// Failure: a sentence on standard error that says how to go on, and the exit code.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <string>

#include "runtime/api/http.h"
#include "runtime/app/commands/commands.h"

namespace smarthl7::app {

/// The parsed answer, or the exit code after the complaint was printed.
[[nodiscard]] std::expected<boost::json::value, int> ask(const ServiceOptions& service, api::Request request);
/// The same for an answer that is not JSON.
[[nodiscard]] std::expected<std::string, int> ask_for_bytes(const ServiceOptions& service, api::Request request);

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// Asks a running service through its admin interface, for the commands. Threads: main thread; blocks until the answer is there.
// Failure: a sentence on standard error that says how to go on, and the exit code.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>
#include <string>

#include "runtime/api/http.h"
#include "runtime/app/commands/commands.h"

namespace smarthl7::app {

/// The parsed answer, or the exit code after the complaint was printed.
[[nodiscard]] std::expected<boost::json::value, int> ask(const ServiceOptions& service, api::Request request);
/// Posts an act: the answer of one that was done, or refused in part (409 with its verdicts); else as ask().
struct Acted {
  boost::json::value answer;
  bool refused = false;
};
[[nodiscard]] std::expected<Acted, int> act(const ServiceOptions& service, const std::string& path,
                                            const boost::json::object& body);
/// The same for an answer that is not JSON.
[[nodiscard]] std::expected<std::string, int> ask_for_bytes(const ServiceOptions& service, api::Request request);

}  // namespace smarthl7::app

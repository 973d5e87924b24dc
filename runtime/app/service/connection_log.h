// SPDX-License-Identifier: Apache-2.0
// Says in the log why connections to sources were refused: of the same cause from the same host once a minute, with the number
// of those between, so that a scanner cannot fill the disk with our own words. Texts name certificates and addresses, never
// content. Threads: any. No failure.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "runtime/env/env.h"
#include "runtime/transport/transport.h"

namespace smarthl7::app {

class ConnectionLog {
 public:
  using Log = std::function<void(std::string_view level, std::string_view text)>;
  ConnectionLog(const env::Clock* clock, Log log) : clock_(clock), log_(std::move(log)) {}

  void note(std::string_view source, const transport::Event& event);

 private:
  struct Told {
    WallTime at{};
    std::uint64_t since = 0;  // like it, not told
  };

  const env::Clock* clock_;
  Log log_;
  std::mutex mutex_;
  std::map<std::string, Told, std::less<>> told_;  // by source, host and cause
};

}  // namespace smarthl7::app

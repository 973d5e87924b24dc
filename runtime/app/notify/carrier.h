// SPDX-License-Identifier: Apache-2.0
// Carries one notice over the network: an HTTP POST to a pager's URL, or an e-mail through a mail server. Blocks its thread, at
// most half a minute. Certificates are checked; redirects are not followed. Threads: any, one call at a time for a Carrier;
// interrupt() from another. Failure: Result; `invalid` means that trying again is useless.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "stdlib/base/result.h"

namespace smarthl7::app {

class Carrier {
 public:
  Carrier();
  ~Carrier();
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;

  Result<void> post(const std::string& url, const std::string& json, const std::string& key);
  /// `server`: "smtp://host:port" (with STARTTLS if it offers it) or "smtps://host:port".
  Result<void> mail(const std::string& server, const std::string& from, const std::string& to, const std::string& message);
  /// Ends what is under way, now and from now on.
  void interrupt() { interrupted_ = true; }

 private:
  struct Easy;
  Result<void> perform();

  std::unique_ptr<Easy> easy_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace smarthl7::app

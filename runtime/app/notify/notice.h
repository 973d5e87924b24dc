// SPDX-License-Identifier: Apache-2.0
// What somebody is told of an alert, as a JSON document for a pager (`page`) and as an e-mail (RFC 5322, marked as made by a
// machine after RFC 3834). Pure functions; any thread; no failure. No value of a message gets in: there is none in a Notice.
#pragma once

#include <string>
#include <vector>

#include "stdlib/base/time.h"

namespace smarthl7::app {

struct Notice {
  std::string alert;  // "slow_results", "unreachable of mercy"
  bool over = false;  // else it fires
  WallTime began{};
  WallTime at{};
  std::string text;  // "queued of mercy is 1204 (> 1000)"
  std::string hub;   // the host's name, so that one pager can serve several
  std::string environment;
  std::vector<std::string> contacts;

  /// The same for each attempt, so that a pager can tell a repetition (header Idempotency-Key).
  [[nodiscard]] std::string key() const;
};

[[nodiscard]] std::string to_json(const Notice& notice);
/// With CRLF line ends.
[[nodiscard]] std::string to_mail(const Notice& notice, const std::string& from, const std::string& to);

}  // namespace smarthl7::app

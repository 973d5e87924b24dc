// SPDX-License-Identifier: Apache-2.0
// One running hub: reactors, the store on its own thread, the engine, the admin interface, signals.
// Ownership: everything below it. Threads: run() blocks the main thread until the service has ended.
// Failure: what stops a start is said in one sentence on standard error (exit code 3, or 1 if the plan is at fault); a failed
// sync ends the process with 3 at once, and what was acknowledged is found at the next start.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/env/disk.h"
#include "runtime/env/stream.h"
#include "runtime/store/store.h"
#include "stdlib/base/digest.h"

namespace smarthl7::app {

struct ServiceSetup {
  plan::Plan plan;
  Sha256 digest{};
  std::string folder;  // what files of the plan are relative to
  std::string data;
  std::string environment;
  std::map<std::string, std::string> settings;
  std::string secrets;
  std::string admin_socket;
  std::optional<env::Endpoint> admin_http;  // an address of loopback, to which the admin interface listens too
  std::vector<std::pair<std::string, std::string>> contacts;  // who is told of alerts: name, and a URL or "mailto:..."
  std::string mail_server;                                    // "smtp://relay:25"; empty: alerts are not sent by e-mail
  std::string mail_from;
  unsigned reactors = 1;
  double drain_seconds = 20;
  std::uint64_t memory = 256ULL << 20;  // for messages that are being received: a quarter while they grow, the rest when whole
  std::unique_ptr<env::Disk> disk;      // null: the operating system's; tests put a disk in between that loses power
  store::StoreOptions store;            // its folder is `data`
};

/// Returns the process's exit code.
int run_service(ServiceSetup setup);

}  // namespace smarthl7::app

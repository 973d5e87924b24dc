// SPDX-License-Identifier: Apache-2.0
// Alerts of a running service: a watch on a thread of its own, the log, and who is told over the network.
// Ownership: borrows engine, store and the first reactor, which outlive it. Threads: start(), stop() and states() on the first
// reactor. Failure: none stops the service; what goes wrong with telling is in the log and in states().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/env/gate.h"
#include "runtime/eval/evaluator.h"
#include "runtime/flow/engine.h"
#include "runtime/observe/status.h"
#include "runtime/store/store.h"

namespace smarthl7::app {

struct AlertSetup {
  std::shared_ptr<const eval::BoundPlan> plan;
  flow::Engine* engine = nullptr;
  store::Store* store = nullptr;
  env::Executor* first = nullptr;  // of the engine's first reactor ...
  env::Gate* gate = nullptr;       // ... and the gate for what is asked there
  env::Disk* disk = nullptr;
  env::Clock* clock = nullptr;
  std::string data;
  std::uint64_t reserve_bytes = 0;
  std::string environment;
  std::vector<std::pair<std::string, std::string>> contacts;  // name, and "https://..." or "mailto:..."
  std::string mail_server;
  std::string mail_from;
  std::function<std::vector<observe::TableStatus>()> tables;               // any thread
  std::function<void(std::string_view level, std::string_view text)> log;  // from any thread
};

class Alerts {
 public:
  explicit Alerts(AlertSetup setup);
  ~Alerts();
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;

  void start();
  env::Task<void> stop();
  env::Task<std::vector<observe::AlertStatus>> states();

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace smarthl7::app

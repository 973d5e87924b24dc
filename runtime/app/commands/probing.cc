// SPDX-License-Identifier: Apache-2.0
// probe: what is wrong with a receiver, seen from outside.
#include <signal.h>

#include <iostream>

#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/world.h"
#include "runtime/app/peer/send.h"
#include "runtime/app/probe/probe.h"

namespace smarthl7::app {
namespace {

env::Task<void> run_probe(env::Env env, probe::Settings settings, std::promise<Result<probe::Report>>* done) {
  auto report = co_await probe::probe(env, std::move(settings));
  done->set_value(std::move(report));
}

}  // namespace

int probe_peer(const ProbeOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  probe::Settings settings;
  settings.url = options.url;
  auto tls = read_tls(options.tls);
  if (!tls) return complain(tls.error());
  settings.tls = std::move(*tls);
  settings.via = options.via;
  settings.scan = !options.once;
  settings.ask = options.ask;
  settings.nak = options.nak;
  settings.wait = seconds(options.wait_seconds);
  if (!options.send.empty()) {
    auto bytes = read_file(options.send);
    if (!bytes) return complain(bytes.error());
    auto split = peer::split_messages(*bytes);
    if (!split) {
      std::cerr << "smarthl7: " << options.send << ": " << split.error().describe() << "\n";
      return kUsage;
    }
    settings.messages = std::move(*split);
  }
  World world;
  std::promise<Result<probe::Report>> done;
  auto result = done.get_future();
  world.reactor->start("probe");
  world.reactor->executor().post([&] { world.gate.spawn(run_probe(world.env(), std::move(settings), &done)); });
  const auto report = result.get();
  world.settle();
  if (!report) return complain(report.error());
  std::cout << (options.json ? probe::to_json(*report) : probe::to_text(*report));
  return report->count(probe::Severity::defect) > 0 ? kFindings : kFine;
}

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// What the commands share that talk to peers: one reactor with its world, and files from the command line.
// Ownership: a World lives in the command, longer than what runs on it. Threads: the command's; jobs on the reactor's. Failure:
// Result, with the file's name.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "runtime/app/commands/commands.h"
#include "runtime/app/peer/url.h"
#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"

namespace smarthl7::app {

/// Prints it, and gives the exit code for it.
int complain(const Error& error);
[[nodiscard]] Result<std::string> read_file(const std::string& path);
[[nodiscard]] Result<peer::Tls> read_tls(const TlsOptions& options);
[[nodiscard]] std::chrono::nanoseconds seconds(double value);

/// One reactor with its world, for a command that does one thing.
struct World {
  std::unique_ptr<env::Disk> disk = env::make_real_disk();
  std::unique_ptr<env::Clock> clock = env::make_real_clock();
  std::unique_ptr<env::Random> random = env::make_real_random();
  std::unique_ptr<env::RealReactor> reactor = env::make_reactor();
  env::Gate gate;

  env::Env env() { return {reactor->executor(), reactor->network(), *disk, *clock, *random}; }
  void settle() {  // the root frame has ended when this returns
    std::promise<void> idle;
    reactor->executor().post([&] { idle.set_value(); });
    idle.get_future().wait();
    reactor->stop();
  }
};

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// Watches the files of `tls` blocks (certificates, keys, authorities, revocations) and of SSH (keys, known hosts) while the hub
// runs, and gives what changed to the sources and destinations that use it. A plan names files and does not hold them, so a
// renewed certificate needs neither a new plan nor a restart. A file is read again when its identity changed (every few
// seconds) and, all of them, on SIGHUP. Ownership: borrows disk and clock, which outlive it. Threads: add() before start();
// look_now() and states() from any; files are read on a thread of its own, so a slow disk delays no message. Failure: what
// cannot be used is said once in the log and in status(), and the old files go on to be used.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/app/service/bind_options.h"
#include "runtime/env/env.h"
#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/observe/status.h"
#include "runtime/transport/renewals.h"

namespace smarthl7::app {

struct CertificatesSetup {
  std::shared_ptr<const eval::BoundPlan> plan;
  BindingPlaces places;
  env::Disk* disk = nullptr;
  env::Clock* clock = nullptr;
  std::function<void(std::string_view level, std::string_view text)> log;  // any thread
};

class Certificates {
 public:
  explicit Certificates(CertificatesSetup setup);
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// The end's options as bound now; gives them their Renewals if there are files to watch. `end` is "source lab_feed", and
  /// `options` are the plan's and live as long as it.
  void add(std::string end, const std::vector<plan::OptionValue>& options, transport::Options& bound);
  void start();
  void stop();
  /// Reads every file again, whatever its identity says.
  void look_now();
  [[nodiscard]] std::vector<observe::CertificateStatus> states() const;

 private:
  struct Watched;

  env::Task<void> watch();
  void look(bool all);
  void look_at(Watched& watched, bool all);
  void describe(Watched& watched, const transport::Options& values);
  void tell_of_ends();

  CertificatesSetup setup_;
  std::vector<std::unique_ptr<Watched>> all_;
  mutable std::mutex mutex_;  // guards what states() shows
  env::Gate gate_;
  env::Signal changed_;
  bool asked_ = false;     // look_now() was called; of the thread
  bool stopping_ = false;  // of the thread
  bool running_ = false;
  std::unique_ptr<env::RealReactor> thread_ = env::make_reactor();
};

}  // namespace smarthl7::app

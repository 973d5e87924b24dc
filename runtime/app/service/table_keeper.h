// SPDX-License-Identifier: Apache-2.0
// Keeps tables that reload up to date while the hub runs. A file that changed (or of which a person, or SIGHUP, says so) is
// read off the messages' way, checked as `check` does it, kept in the data folder, recorded, and only then swapped in. One that
// is refused changes nothing: the version in use goes on, and log, status and metrics say why. At a start the file is what
// counts; if it cannot be used, the last version that was taken is, from the data folder. Ownership: borrows disk, clock and
// store, which outlive it. Threads: load() before start(); reload() on any executor, look_now() and states() on any thread; the
// rest on a thread of its own. Failure: as above; load() fails where there is nothing to start with.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/app/service/table_files.h"
#include "runtime/env/env.h"
#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/eval/evaluator.h"
#include "runtime/observe/status.h"
#include "runtime/store/store.h"

namespace smarthl7::app {

struct TableKeeperSetup {
  std::string folder;  // what the plan's files are relative to
  std::string data;
  env::Disk* disk = nullptr;
  env::Clock* clock = nullptr;
  std::function<void(std::string_view level, std::string_view text)> log;  // any thread
};

class TableKeeper {
 public:
  TableKeeper(TableKeeperSetup setup, const plan::Plan& plan);
  ~TableKeeper();
  TableKeeper(const TableKeeper&) = delete;
  TableKeeper& operator=(const TableKeeper&) = delete;

  /// What the plan is bound with.
  [[nodiscard]] Result<std::map<std::string, std::shared_ptr<const eval::TableVersion>>> load();
  void start(std::shared_ptr<const eval::BoundPlan> plan, store::Store& store);
  void stop();
  /// SIGHUP: all of them are read again.
  void look_now();
  /// Reads a table (empty: all) again because `actor` says so; done, or refused, when it returns. not_found: no such table.
  [[nodiscard]] env::Task<Result<std::vector<observe::TableReload>>> reload(std::string name, std::string actor);
  [[nodiscard]] std::vector<observe::TableStatus> states() const;

 private:
  struct Kept;
  struct Request;

  env::Task<void> watch();
  env::Task<void> look();
  env::Task<void> serve(Request& request);
  env::Task<observe::TableReload> read_again(Kept& kept, std::string actor);
  env::Task<Result<void>> take(Kept& kept, std::string actor, bool* changed);
  Result<std::shared_ptr<eval::TableVersion>> read_with_copy(Kept& kept);
  env::Task<Result<void>> keep(Kept& kept);
  env::Task<void> record_start();
  void show(Kept& kept, const eval::TableVersion& version);
  void refuse(Kept& kept, const std::string& trouble);

  TableKeeperSetup setup_;
  std::shared_ptr<const eval::BoundPlan> plan_;
  store::Store* store_ = nullptr;
  std::vector<std::unique_ptr<Kept>> all_;
  mutable std::mutex mutex_;  // guards what states() shows
  env::Gate gate_;
  env::Signal changed_;
  std::vector<Request*> requests_;  // of the thread
  bool stopping_ = false;           // of the thread
  bool running_ = false;
  std::promise<void> ended_;  // watch() has
  std::unique_ptr<env::RealReactor> thread_ = env::make_reactor();
};

}  // namespace smarthl7::app

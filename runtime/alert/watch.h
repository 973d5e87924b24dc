// SPDX-License-Identifier: Apache-2.0
// Looks at the hub every five seconds, lets the evaluator decide, and sees to it that somebody hears: first the episode is
// written down, then it is told, then it is written down that it was. A restart between the two tells again; none tells twice
// what was told.
// Ownership: borrows all that it is given, for longer than run(). Threads: run(), stop() and states() on one executor, which
// nothing on a message's way shares with it in the service; told() as well. Failure: none ends it; what cannot be asked at one
// look is asked at the next.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/alert/book.h"
#include "runtime/alert/evaluator.h"
#include "runtime/env/env.h"
#include "runtime/env/signal.h"
#include "runtime/eval/evaluator.h"

namespace smarthl7::alert {

inline constexpr std::chrono::seconds kLookEvery{5};

/// What is looked at.
class Subject {
 public:
  virtual ~Subject() = default;
  /// Fills in all but the times; an error skips this look.
  virtual env::Task<Result<Observed>> observe() = 0;
  /// When the last message of a source came, if it is known from before this run.
  virtual env::Task<std::optional<WallTime>> last_message(std::string source) = 0;
};

/// Who tells people.
class Teller {
 public:
  virtual ~Teller() = default;
  /// Begins to tell; returns at once. True: there is nobody left to be told. False: Watch::told() will be called.
  virtual bool tell(const Event& event) = 0;
  virtual void warn(const Error& error) = 0;  // about the watch's own work
};

struct WatchSetup {
  std::shared_ptr<const eval::BoundPlan> plan;
  Subject* subject = nullptr;
  Teller* teller = nullptr;
  env::Clock* clock = nullptr;
  env::Disk* disk = nullptr;
  std::string folder;  // of the data
  std::uint64_t reserve_bytes = 0;
  bool points = true;  // what needs no declaration, too
};

class Watch {
 public:
  explicit Watch(WatchSetup setup);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Looks until stop().
  env::Task<void> run();
  void stop();

  /// Everybody has heard of the beginning or end of an episode, or has been given up; `problem`: of those who were not reached.
  void told(const std::string& alert, WallTime began, bool over, std::string problem);

  /// Somebody has not been reached yet, and is tried again.
  void telling(const std::string& alert, std::string problem) { problems_[alert] = std::move(problem); }

  [[nodiscard]] std::vector<observe::AlertStatus> states() const;
  [[nodiscard]] std::uint64_t fired(std::string_view alert) const { return evaluator_.fired(alert); }
  [[nodiscard]] std::uint64_t looks() const { return looks_; }

 private:
  env::Task<void> begin();
  env::Task<void> look();
  void take(std::vector<Event> events);
  void write();

  WatchSetup setup_;
  Evaluator evaluator_;
  Book book_;
  std::vector<Episode> episodes_;                // open, or over and somebody is still to hear of it
  std::map<std::string, std::string> problems_;  // of telling, by alert
  std::uint64_t looks_ = 0;
  bool stopping_ = false;
  env::Signal wake_;
};

}  // namespace smarthl7::alert

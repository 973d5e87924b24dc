// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/runner.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "runtime/env/crash_point.h"
#include "stdlib/base/result.h"

namespace smarthl7::sim {

namespace {

constexpr std::uint64_t kTellEvery = 50;  // histories

// ---- what a process says: a line each of "begin N", "broken N TEXT", "counts N..."
// --------------------------------------------

template <class Each>
void for_each_count(HistoryCounts& counts, Each each) {
  for (std::uint64_t* one :
       {&counts.steps, &counts.lives, &counts.messages, &counts.sends, &counts.arrivals, &counts.duplicates,
        &counts.copies_known, &counts.listed, &counts.dead, &counts.batches, &counts.batched, &counts.parts})
    each(*one);
}

std::string to_text(HistoryCounts counts, std::uint64_t histories) {
  std::string out = fmt::format("counts {}", histories);
  for_each_count(counts, [&](std::uint64_t one) { out += fmt::format(" {}", one); });
  for (const std::string_view name : env::crash_point_names())
    out += fmt::format(" {}", counts.crash_points[std::string(name)]);
  for (std::size_t i = 0; i < kInjectedKinds; ++i) out += fmt::format(" {}", counts.injected.of(static_cast<Injected>(i)));
  return out + "\n";
}

void add_text(const std::string& text, RunResult& result) {
  std::istringstream in(text);
  const auto next = [&] {
    std::uint64_t value = 0;
    in >> value;
    return value;
  };
  result.histories += next();
  HistoryCounts counts;
  for_each_count(counts, [&](std::uint64_t& one) { one = next(); });
  for (const std::string_view name : env::crash_point_names())
    if (const std::uint64_t hits = next(); hits > 0) counts.crash_points[std::string(name)] = hits;
  for (std::size_t i = 0; i < kInjectedKinds; ++i) counts.injected.add(static_cast<Injected>(i), next());
  result.counts.add(counts);
}

void say(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(to, text.data() + done, text.size() - done);
    if (wrote <= 0) ::_exit(2);
    done += static_cast<std::size_t>(wrote);
  }
}

void work(const RunOptions& options, std::size_t first, int to) {
  HistoryCounts counts;
  std::uint64_t histories = 0;
  const auto tell = [&] {
    say(to, to_text(counts, histories));
    counts = {};
    histories = 0;
  };
  for (std::size_t i = first; i < options.scenarios.size(); i += options.jobs) {
    say(to, fmt::format("begin {}\n", i));
    HistoryOptions history;
    history.scenario = fit_for(options.bug, options.scenarios[i]);
    history.bug = options.bug;
    const HistoryResult result = run_history(history);
    counts.add(result.counts);
    if (++histories == kTellEvery) tell();
    if (!is_found(options.bug, result.broken)) continue;
    for (const std::string& text : result.broken) say(to, fmt::format("broken {} {}\n", i, text));
    if (options.stop_when_found) break;
  }
  tell();
  say(to, "end\n");
}

// ---- the one that waits for them
// ----------------------------------------------------------------------------------------------

struct Worker {
  pid_t pid = -1;
  int from = -1;
  std::size_t first = 0;
  std::size_t begun = 0;
  bool any = false;
  bool ended = false;  // it said so
  std::string unread;
};

class Run {
 public:
  Run(const RunOptions& options, const std::function<void(const Scenario&, const std::vector<std::string>&)>& tell)
      : options_(options), tell_(tell) {}

  RunResult run() {
    workers_.resize(options_.jobs);
    for (unsigned i = 0; i < options_.jobs; ++i) start(workers_[i], i);
    while (open_ > 0) {
      std::vector<pollfd> waiting;
      for (const Worker& worker : workers_) waiting.push_back({worker.from, POLLIN, 0});
      if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
      for (std::size_t i = 0; i < workers_.size(); ++i)
        if (waiting[i].revents != 0) read(workers_[i]);
    }
    return std::move(result_);
  }

 private:
  void start(Worker& worker, std::size_t first) {
    worker = Worker{};
    worker.first = first;
    int ends[2];
    SMARTHL7_ASSERT(::pipe(ends) == 0, "a pipe can be made");
    std::fflush(stdout);
    worker.pid = ::fork();
    SMARTHL7_ASSERT(worker.pid >= 0, "a process can be made");
    if (worker.pid == 0) {
      ::close(ends[0]);
      work(options_, first, ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    worker.from = ends[0];
    ++open_;
  }

  void read(Worker& worker) {
    char chunk[65536];
    const ssize_t got = ::read(worker.from, chunk, sizeof chunk);
    if (got > 0) {
      worker.unread.append(chunk, static_cast<std::size_t>(got));
      for (std::size_t end = worker.unread.find('\n'); end != std::string::npos; end = worker.unread.find('\n')) {
        take(worker, worker.unread.substr(0, end));
        worker.unread.erase(0, end + 1);
      }
      return;
    }
    ::close(worker.from);
    worker.from = -1;
    --open_;
    int status = 0;
    ::waitpid(worker.pid, &status, 0);
    finish(worker);
    if (worker.ended) return;
    const std::size_t at = worker.any ? worker.begun : worker.first;
    ++result_.histories;
    if (options_.bug == PlantedBug::none) {
      result_.broken[at].push_back(WIFSIGNALED(status) ? fmt::format("the process ended by signal {}", WTERMSIG(status))
                                                       : "the process ended");
      tell_(options_.scenarios[at], result_.broken[at]);
    }
    if (at + options_.jobs < options_.scenarios.size()) start(worker, at + options_.jobs);
  }

  void take(Worker& worker, const std::string& line) {
    if (line.starts_with("begin ")) {
      finish(worker);
      worker.begun = std::stoull(line.substr(6));
      worker.any = true;
    } else if (line.starts_with("broken ")) {
      const std::size_t blank = line.find(' ', 7);
      result_.broken[std::stoull(line.substr(7, blank - 7))].push_back(line.substr(blank + 1));
    } else if (line.starts_with("counts ")) {
      add_text(line.substr(7), result_);
    } else if (line == "end") {
      worker.ended = true;
    }
  }

  /// The history that the worker was at is over.
  void finish(Worker& worker) {
    if (!worker.any) return;
    if (const auto broken = result_.broken.find(worker.begun); broken != result_.broken.end())
      tell_(options_.scenarios[worker.begun], broken->second);
  }

  const RunOptions& options_;
  const std::function<void(const Scenario&, const std::vector<std::string>&)>& tell_;
  std::vector<Worker> workers_;
  std::size_t open_ = 0;
  RunResult result_;
};

}  // namespace

RunResult run_histories(const RunOptions& options,
                        const std::function<void(const Scenario&, const std::vector<std::string>&)>& tell) {
  return Run(options, tell).run();
}

}  // namespace smarthl7::sim

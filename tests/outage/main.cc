// SPDX-License-Identifier: Apache-2.0
// A partner is away for days while a laboratory goes on sending and the hub is killed once a day. Afterwards everything must be
// there: in order, once, nothing dead; the other partner must have waited for nothing; the alert must have been said once, and
// its end once; and the hub's memory must not grow with the queue: it is held against a run of the same without an outage.
// Prints its figures; exits 1 if a promise is broken.
#include <fmt/core.h>
#include <malloc.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/alert/watch.h"
#include "runtime/sim/hub.h"
#include "runtime/sim/sender.h"
#include "runtime/sim/sink.h"
#include "runtime/transport/mllp/mllp.h"
#include "tests/sim/plan.h"

namespace smarthl7::sim {
namespace {

constexpr std::uint32_t kWindow = 256;

struct Options {
  std::uint64_t messages = 1000;
  std::uint64_t days = 1;
  std::uint64_t seed = 1;
};

std::uint64_t heap_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::uint64_t bytes_of(const Image& image) {
  std::uint64_t sum = 0;
  std::map<const Inode*, bool> seen;
  for (const auto* names : {&image.names, &image.durable_names}) {
    for (const auto& [name, inode] : *names) {
      if (!seen.emplace(inode.get(), true).second) continue;
      sum += inode->content.capacity() + inode->durable.capacity();
      for (const Inode::Write& write : inode->pending) sum += write.bytes.capacity() + sizeof(write);
    }
  }
  return sum;
}

plan::Plan plan_with_alert() {
  PlanOptions options;
  options.ack_within_micros = 30'000'000;
  options.first_pause_micros = 1'000'000;
  options.most_pause_micros = 300'000'000;  // five minutes: what std.retry.standard has
  plan::Plan plan = make_plan(options);
  const auto text = [&plan](const char* value) {
    plan.strings.emplace_back(value);
    return static_cast<plan::Id>(plan.strings.size() - 1);
  };
  plan::Alert alert;
  alert.name = text("mercy_away");
  alert.notify = {static_cast<plan::Id>(plan.lists.size()), 1};
  plan.lists.push_back(text("oncall"));
  plan::AlertCondition& condition = alert.conditions.emplace_back();
  condition.metric = text("unreachable");
  condition.op = text(">");
  condition.destination = 0;
  condition.for_micros = 300'000'000;
  plan.alerts.push_back(alert);
  return plan;
}

struct Day {
  std::uint64_t day = 0;
  std::uint64_t queued = 0;
  std::uint64_t attempts = 0;
  std::uint64_t heap = 0;   // but for what SQLite holds
  std::uint64_t cache = 0;  // what SQLite holds: pages of the state, up to the size that its connection is given
  std::uint64_t disk = 0;
};

class Outage final : public alert::Subject, public alert::Teller {
 public:
  /// `away`: the partner is; else all is well, and the run is what memory is compared with.
  Outage(const Options& options, bool away)
      : options_(options), away_(away), world_(options.seed), wire_(world_), clock_(world_), executor_(world_) {
    auto bound = eval::bind(plan_with_alert(), Sha256{}, {});
    SMARTHL7_ASSERT(bound.has_value(), "the plan binds");
    setup_.plan = *bound;
    setup_.transports = {transport_.get()};
    setup_.window_messages = kWindow;
    setup_.store.folder = "data";
    setup_.store.background_thread = false;
    setup_.source_options.emplace_back().set_text("listen", kSourceAddress);
    setup_.destination_options.emplace_back().set_text("connect", "mercy:1");
    setup_.destination_options.emplace_back().set_text("connect", "archive:1");
    SenderOptions sender;
    sender.name = "LAB";
    sender.hub = *env::Endpoint::parse(kSourceAddress);
    sender.again_per_mille = 0;
    sender.most_pause_micros = 2 * options.days * 86'400'000'000 / options.messages;  // spread over the outage
    for (std::uint64_t i = 0; i < options.messages; ++i) sender.messages.push_back(message(i));
    sender_ = std::make_unique<Sender>(world_, wire_, std::move(sender));
    for (const char* name : {kFifoName, kKeyedName}) {
      SinkOptions sink;
      sink.name = name;
      sink.at = *env::Endpoint::parse(std::string(name) + ":1");
      sink.moody_per_mille = sink.never_per_mille = 0;
      sinks_.push_back(std::make_unique<Sink>(world_, wire_, std::move(sink)));
      sinks_.back()->start();
    }
  }

  void run() {
    const SteadyTime began = world_.now();
    const auto outage = std::chrono::hours(24) * static_cast<int>(options_.days);
    if (away_) sinks_[0]->go_away(outage);
    begin_life({});
    sender_->start();
    for (std::uint64_t day = 1; day <= options_.days; ++day) {
      pass_until(began + std::chrono::hours(24) * static_cast<int>(day) - std::chrono::minutes(1));
      ask();
      if (day == options_.days) break;
      live_on(day);
    }
    queued_at_the_end_ = queued_;
    std::uint64_t stalls = 0;
    while (broken_.empty() && (!sender_->done() || queued_ > 0)) {
      pass_until(world_.now() + std::chrono::minutes(1));
      ask();
      if (++stalls > 20'000) complain("it does not come to an end");
    }
    const SteadyTime delivered = world_.now();
    pass_until(world_.now() + std::chrono::minutes(10));
    ask();
    check();
    end_life(options_.days);
    drained_ = delivered - began - outage;
  }

  [[nodiscard]] const std::vector<Day>& days() const { return days_; }
  [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }

  void print() const {
    const double days =
        std::chrono::duration<double>(world_.now().time_since_epoch() - std::chrono::seconds(1000)).count() / 86'400;
    fmt::print("messages               {:>9}  sent over {} days to two partners, one of which was away\n", options_.messages,
               options_.days);
    fmt::print("simulated              {:>9.2f}  days, {} steps, the hub was killed {} times\n", days, world_.steps(),
               days_.size() - 1);
    fmt::print("queued at the end      {:>9}  of the outage; all delivered {} after it\n", queued_at_the_end_,
               fmt::format("{:.1f} min", std::chrono::duration<double>(drained_).count() / 60));
    fmt::print(
        "arrived                {:>9}  at the partner that was away, in order; {} at the other one ({} twice, after kills)\n",
        sinks_[0]->arrivals().size(), sinks_[1]->arrivals().size(), twice_);
    fmt::print("dead                   {:>9}\n", dead_);
    fmt::print("attempts that failed   {:>9}\n", earlier_attempts_ + attempts_);
    fmt::print("released at most       {:>9}  in the lanes of one partner (window {})\n", most_released_, kWindow);
    fmt::print("alerts said            {:>9}\n", told_.size());
    for (const std::string& one : told_) fmt::print("    {}\n", one);
  }

  // ---- the watch
  env::Task<Result<alert::Observed>> observe() override {
    alert::Observed observed;
    flow::EngineSnapshot engine = co_await hub_->engine().snapshot();
    for (const flow::DestinationSnapshot& destination : engine.destinations)
      most_released_ = std::max(most_released_, destination.waiting);
    observed.engine = std::move(engine);
    Result<store::StoreStatus> kept = co_await hub_->store().status();
    if (!kept) co_return std::unexpected(std::move(kept).error());
    observed.store = std::move(*kept);
    co_return observed;
  }
  env::Task<std::optional<WallTime>> last_message(std::string /*source*/) override { co_return std::nullopt; }
  bool tell(const alert::Event& event) override {
    told_.push_back((event.over ? "over: " : "fires: ") + event.alert + ": " + event.text);
    return true;
  }
  void warn(const Error& error) override { complain("the watch: " + error.describe()); }

 private:
  static std::string message(std::uint64_t number) {
    return fmt::format(
        "MSH|^~\\&|LAB|LAB|HUB|HUB|20260101||ORU^R01^ORU_R01|LAB{:07}|P|2.5.1\rPID|1||P{}|P{}|DOE^JO\r"
        "OBR|1|||GLU\rOBX|1|NM|GLU||{}|mg/dL|||||F\r",
        number, number % 997, number % 31, number % 400);
  }
  void complain(std::string text) { broken_.push_back(std::move(text)); }

  void begin_life(Image image) {
    hub_ = std::make_unique<SimHub>(world_, wire_, clock_, std::move(image), DiskFaults{}, setup_);
    hub_->start();
    while (!hub_->running() && !hub_->start_error() && world_.step()) {
    }
    if (hub_->start_error()) complain("the hub does not start: " + hub_->start_error()->describe());
    if (!broken_.empty()) return;
    alert::WatchSetup setup;
    setup.plan = setup_.plan;
    setup.subject = this;
    setup.teller = this;
    setup.clock = &clock_;
    setup.disk = &hub_->disk();
    setup.folder = "data";
    setup.reserve_bytes = setup_.store.reserve_bytes;
    watch_ = std::make_unique<alert::Watch>(std::move(setup));
    hub_->run(watch_->run());
  }

  /// What the process had in memory, apart from its simulated disk: what is freed when it is gone.
  Image end_life(std::uint64_t day) {
    hub_->freeze(CrashKind::kill);
    Image image = hub_->image();
    Day& row = days_.emplace_back();
    row.day = day;
    row.queued = queued_;
    row.attempts = attempts_;
    row.disk = bytes_of(hub_->disk().image());
    row.cache = static_cast<std::uint64_t>(::sqlite3_memory_used());
    const std::uint64_t before = heap_in_use();
    hub_.reset();
    watch_.reset();
    const std::uint64_t freed = before - heap_in_use();
    row.cache -= static_cast<std::uint64_t>(::sqlite3_memory_used());
    row.heap = freed > row.disk + row.cache ? freed - row.disk - row.cache : 0;
    return image;
  }

  void live_on(std::uint64_t day) {
    if (!broken_.empty()) return;
    Image image = end_life(day);
    earlier_attempts_ += attempts_;
    begin_life(std::move(image));
  }

  void pass_until(SteadyTime end) {
    if (!broken_.empty() || end <= world_.now()) return;
    bool reached = false;
    executor_.at(end, [&reached] { reached = true; });
    while (!reached && world_.step()) {
    }
    if (hub_->store_failed()) complain("the store has failed");
  }

  void ask() {
    if (!broken_.empty()) return;
    asked_ = false;
    hub_->run(question());
    while (!asked_ && world_.step()) {
    }
  }
  env::Task<void> question() {
    flow::EngineSnapshot engine = co_await hub_->engine().snapshot();
    attempts_ = engine.destinations[0].counters.unreachable;
    Result<store::StoreStatus> kept = co_await hub_->store().status();
    queued_ = 0;
    dead_ = kept ? kept->dead : ~0ULL;
    if (kept)
      for (const store::DestinationStatus& one : kept->destinations) queued_ += one.queued;
    asked_ = true;
  }

  void check() {
    if (!broken_.empty()) return;
    if (away_) check_alerts();
    if (dead_ != 0) complain(fmt::format("{} dead letters", dead_));
    check_arrivals(*sinks_[0], true);
    check_arrivals(*sinks_[1], false);
    if (most_released_ > kWindow * 3) complain(fmt::format("{} messages were released at a time", most_released_));
    for (const std::string& complaint : sender_->complaints()) complain(complaint);
  }

  void check_alerts() {
    for (const char* alert : {"mercy_away", "unreachable of mercy"}) {
      for (const char* what : {"fires: ", "over: "}) {
        const auto times = std::ranges::count_if(
            told_, [&](const std::string& one) { return one.starts_with(std::string(what) + alert + ": "); });
        if (times != 1) complain(fmt::format("`{}{}` was said {} times", what, alert, times));
      }
    }
  }

  /// Mercy is one queue: its order is the laboratory's. In the archive's lanes, that of each patient.
  void check_arrivals(const Sink& sink, bool fifo) {
    std::map<std::string, std::string> last;
    std::map<std::string, std::uint64_t> times;
    for (const Arrival& arrival : sink.arrivals()) {
      ++times[arrival.control_id];
      const std::string lane = fifo ? "" : field_of(arrival.message, "PID", 3);
      std::string& before = last[lane];
      if (arrival.control_id < before) complain(arrival.control_id + " came after " + before);
      before = arrival.control_id;
    }
    if (times.size() != options_.messages) complain(fmt::format("{} of {} messages arrived", times.size(), options_.messages));
    for (const auto& [id, count] : times) {
      if (count == 1) continue;
      ++twice_;
      if (fifo) complain(id + " arrived twice at the partner that was away");
    }
  }

  Options options_;
  bool away_;
  World world_;
  Wire wire_;
  SimClock clock_;
  SimExecutor executor_;
  std::unique_ptr<transport::Transport> transport_ = transport::mllp::make_transport();
  HubSetup setup_;
  std::unique_ptr<Sender> sender_;
  std::vector<std::unique_ptr<Sink>> sinks_;
  std::unique_ptr<alert::Watch> watch_;
  std::unique_ptr<SimHub> hub_;
  std::vector<std::string> broken_;
  std::vector<std::string> told_;
  std::vector<Day> days_;
  bool asked_ = false;
  std::uint64_t queued_ = 0;
  std::uint64_t queued_at_the_end_ = 0;
  SteadyTime::duration drained_{};
  std::uint64_t dead_ = 0;
  std::uint64_t attempts_ = 0;
  std::uint64_t earlier_attempts_ = 0;
  std::uint64_t most_released_ = 0;
  std::uint64_t twice_ = 0;
};

/// What a queue of so many messages costs in memory: the difference to the run that had none. It may be a window's worth, and
/// must not grow with the queue. SQLite's pages of the state are counted apart: more of them, up to the fixed size of its
/// cache.
void print_memory(const std::vector<Day>& well, const std::vector<Day>& away, std::vector<std::string>& broken) {
  constexpr std::uint64_t kMost = 1536U << 10;
  constexpr std::uint64_t kMostCache = 20U << 20;  // 16 MiB and what SQLite needs besides
  fmt::print("memory in KiB; the same without an outage in brackets\n");
  fmt::print("day   queued  failed attempts             hub            SQLite      its disk\n");
  for (std::size_t i = 0; i < away.size() && i < well.size(); ++i) {
    fmt::print("{:>3} {:>8} {:>16} {:>7} ({:>6}) {:>8} ({:>6}) {:>13}\n", away[i].day, away[i].queued, away[i].attempts,
               away[i].heap / 1024, well[i].heap / 1024, away[i].cache / 1024, well[i].cache / 1024, away[i].disk / 1024);
    if (away[i].queued > 0 && away[i].heap > well[i].heap + kMost)
      broken.push_back(fmt::format("day {}: the queue costs {} bytes of memory", away[i].day, away[i].heap - well[i].heap));
    if (away[i].cache > kMostCache) broken.push_back(fmt::format("day {}: SQLite holds {} bytes", away[i].day, away[i].cache));
  }
}

int main_with(int count, char** words) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::uint64_t value = std::strtoull(words[i + 1], nullptr, 10);
    if (std::strcmp(words[i], "--messages") == 0) options.messages = value;
    if (std::strcmp(words[i], "--days") == 0) options.days = value;
    if (std::strcmp(words[i], "--seed") == 0) options.seed = value;
  }
  if (options.messages == 0 || options.days == 0) {
    fmt::print(stderr, "usage: {} [--messages N] [--days N] [--seed N]\n", words[0]);
    return 2;
  }
  Outage well(options, false);
  well.run();
  Outage outage(options, true);
  outage.run();
  outage.print();
  std::vector<std::string> broken = outage.broken();
  for (const std::string& one : well.broken()) broken.push_back("without an outage: " + one);
  print_memory(well.days(), outage.days(), broken);
  for (const std::string& one : broken) fmt::print("BROKEN: {}\n", one);
  fmt::print("{}\n", broken.empty() ? "every promise was kept" : "promises were broken");
  return broken.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace smarthl7::sim

int main(int count, char** words) { return smarthl7::sim::main_with(count, words); }

// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/history.h"

#include <fmt/core.h>

#include <optional>

#include "runtime/sim/hub.h"
#include "runtime/transport/mllp/mllp.h"
#include "tests/sim/eager_store.h"
#include "tests/sim/plan.h"

namespace smarthl7::sim {

namespace {

constexpr std::uint64_t kMostSteps = 2'000'000;
constexpr auto kAckAfterFailedSync = std::chrono::milliseconds(50);  // acknowledgements already on their way
constexpr std::uint32_t kWindow = 4;
constexpr std::uint32_t kBatchMessages = 3;

enum class Fate : std::uint8_t { after_steps, at_point, failed_sync, drained, none };

struct Ending {  // of one life of the hub
  Fate fate = Fate::none;
  CrashKind kind = CrashKind::kill;
  std::uint64_t steps = 0;
  env::CrashPoint point = env::CrashPoint::in_receive;
  std::uint64_t visits = 0;
};

std::string make_message(Rng& rng, const std::string& lab, unsigned number) {
  const bool foreign = rng.chance(40);  // a type that the source does not take
  const std::string type = foreign ? "ADT^A01^ADT_A01" : "ORU^R01^ORU_R01";
  const std::string second = rng.chance(200) ? fmt::format("P{}", rng.below(5)) : "";
  const char* modes = lab.ends_with('B') ? "|||AL|AL" : "";  // that lab wants both acknowledgements
  std::string message =
      fmt::format("MSH|^~\\&|{}|LAB|HUB|HUB|20260101||{}|{}-{:04}|P|2.5.1{}\r", lab, type, lab, number, modes);
  message += fmt::format("PID|1||P{}|{}|DOE^JO\r", rng.below(5), second);
  message += fmt::format("OBR|1|||GLU\rOBX|1|NM|GLU||{}|mg/dL|||||F\r", rng.below(1000));
  if (rng.chance(100)) message += "NTE|1||" + std::string(rng.between(100, 6000), 'x') + "\r";
  return message;
}

class Director {
 public:
  explicit Director(const HistoryOptions& options)
      : options_(options), world_(options.seed), wire_(world_), clock_(world_), rng_(world_.rng().split()), executor_(world_) {
    PlanOptions plan;
    plan.enhanced = enhanced();
    plan.respond_within_micros = responds() ? 500'000 : 0;
    plan.batch_messages = batches() ? kBatchMessages : 0;
    auto bound = eval::bind(make_plan(plan), Sha256{}, {});
    SMARTHL7_ASSERT(bound.has_value(), "the plan of the histories binds");
    transport_ = transport::mllp::make_transport();
    setup_.plan = *bound;
    setup_.transports = {transport_.get()};
    setup_.window_messages = kWindow;
    setup_.store.folder = "data";
    setup_.store.background_thread = false;
    setup_.source_options.emplace_back().set_text("listen", kSourceAddress);
    setup_.destination_options.emplace_back().set_text("connect", "mercy:1");
    setup_.destination_options.emplace_back().set_text("connect", "archive:1");
    if (batches()) setup_.destination_options.emplace_back().set_text("connect", std::string(kBatchName) + ":1");
    if (options.acknowledge_before_commit)
      setup_.wrap = [](std::unique_ptr<store::Store> inner) { return make_eager_store(std::move(inner)); };
    wire_.faults.cut_per_mille = static_cast<unsigned>(rng_.below(30));
    wire_.faults.refuse_per_mille = static_cast<unsigned>(rng_.below(50));
    crashes_left_ = rng_.between(1, 4);
    make_peers();
  }

  HistoryResult run() {
    env::arm_crash_points([this](env::CrashPoint point) { visit(point); });
    for (const auto& sender : senders_) sender->start();
    for (const auto& sink : sinks_) sink->start();
    begin_life();
    while (!over_ && result_.broken.empty()) {
      if (!world_.step() && !end_idle_life()) complain("nothing is left to happen, but the history is not over");
      if (world_.steps() > kMostSteps) complain("the history does not end");
      watch();
    }
    env::arm_crash_points({});
    finish();
    return std::move(result_);
  }

 private:
  /// In every third history the receivers acknowledge in enhanced mode.
  [[nodiscard]] bool enhanced() const { return options_.seed % 3 == 0; }

  /// In every fifth one the senders get the answer of one of the receivers.
  /// Not with the planted bug: its store gives no message an id to wait for.
  [[nodiscard]] bool responds() const { return options_.seed % 5 == 0 && !options_.acknowledge_before_commit; }

  /// In every second one a copy of each message goes out in batches. The planted bug's store knows nothing of their members.
  [[nodiscard]] bool batches() const { return options_.seed % 2 == 0 && !options_.acknowledge_before_commit; }

  void make_peers() {
    for (const std::string lab : {"LABA", "LABB"}) {
      SenderOptions sender;
      sender.name = lab;
      sender.hub = *env::Endpoint::parse(kSourceAddress);
      const auto count = static_cast<unsigned>(rng_.between(5, 14));
      for (unsigned i = 0; i < count; ++i) sender.messages.push_back(make_message(rng_, lab, i));
      sender.most_pause_micros = rng_.chance(500) ? 2'000 : 100'000;
      sender.relayed = responds();
      senders_.push_back(std::make_unique<Sender>(world_, wire_, std::move(sender)));
      sender_list_.push_back(senders_.back().get());
    }
    std::vector<std::string> names = {kFifoName, kKeyedName};
    if (batches()) names.emplace_back(kBatchName);
    for (const std::string& name : names) {
      SinkOptions sink;
      sink.name = name;
      sink.at = *env::Endpoint::parse(name + ":1");
      sink.enhanced = enhanced() && name != kBatchName;
      sink.hub = *env::Endpoint::parse(kSourceAddress);
      sink.moody_per_mille = static_cast<unsigned>(rng_.below(400));
      sinks_.push_back(std::make_unique<Sink>(world_, wire_, std::move(sink)));
      if (rng_.chance(300)) {
        Sink* away = sinks_.back().get();
        const auto length = rng_.micros(100'000, 20'000'000);
        executor_.at(world_.now() + rng_.micros(0, 3'000'000), [away, length] { away->go_away(length); });
      }
    }
  }

  void complain(std::string text) { result_.broken.push_back(std::move(text)); }

  void narrate(const std::string& text) const {
    if (options_.narrate)
      fmt::print("{:>12} us  {}\n", (world_.now().time_since_epoch().count() - 1'000'000'000'000) / 1000, text);
  }

  void plan_ending() {
    ending_ = {};
    steps_at_birth_ = world_.steps();
    if (crashes_left_ == 0) return;
    --crashes_left_;
    ending_.kind = rng_.chance(500) ? CrashKind::kill : CrashKind::power_loss;
    const auto dice = rng_.below(100);
    if (dice < 30) {
      ending_.fate = Fate::after_steps;
      ending_.steps = rng_.between(1, rng_.chance(500) ? 300 : 3000);
    } else if (dice < 80) {
      ending_.fate = Fate::at_point;
      ending_.point = static_cast<env::CrashPoint>(rng_.below(env::crash_point_names().size()));
      ending_.visits = rng_.between(1, 12);
      ending_.steps = 20'000;  // a point that is not reached: end anyway
    } else if (dice < 92) {
      ending_.fate = Fate::failed_sync;
      ending_.steps = 20'000;
    } else {
      ending_.fate = Fate::drained;
      ending_.steps = rng_.between(1, 3000);
    }
  }

  void begin_life() {
    plan_ending();
    ++result_.counts.lives;
    DiskFaults faults;
    faults.slow_sync_per_mille = rng_.chance(100) ? 20 : 0;
    if (ending_.fate == Fate::failed_sync) faults.fail_sync_at = rng_.between(1, 60);
    hub_ = std::make_unique<SimHub>(world_, wire_, clock_, std::move(image_), faults, setup_);
    image_ = {};
    exit_at_ = kNever;
    asking_ = false;
    hub_->start();
    if (rng_.chance(100)) clock_.jump(std::chrono::minutes(static_cast<int>(rng_.below(240)) - 120));
    if (rng_.chance(100)) fill_disk();
    narrate("the hub starts");
  }

  void fill_disk() {
    SimHub* life = hub_.get();
    executor_.at(world_.now() + rng_.micros(0, 500'000), [this, life] {
      if (hub_.get() == life) life->disk().faults.free_bytes = 1000;
    });
    executor_.at(world_.now() + rng_.micros(500'000, 3'000'000), [this, life] {
      if (hub_.get() == life) life->disk().faults.free_bytes = 64ULL << 30U;
    });
  }

  void visit(env::CrashPoint point) {
    if (!hub_ || hub_->frozen() || ending_.fate != Fate::at_point || point != ending_.point) return;
    if (--ending_.visits != 0) return;
    const auto name = std::string(env::crash_point_names()[static_cast<std::size_t>(point)]);
    ++result_.counts.crash_points[name];
    narrate("crash point " + name);
    hub_->freeze(ending_.kind);
  }

  /// After each step: whether the hub's life ends here.
  void watch() {
    if (!hub_) return;
    if (hub_->start_error() && !hub_->frozen() && hub_->disk().failed_at() == kNever) {
      complain("the hub did not start: " + hub_->start_error()->describe());
      return;
    }
    if (hub_->disk().failed_at() != kNever && exit_at_ == kNever) {
      ++result_.counts.failed_syncs;
      exit_at_ = world_.now() + rng_.micros(60'000, 2'000'000);
      failed_syncs_.emplace_back(hub_->disk().failed_at(), exit_at_);
      executor_.at(exit_at_, [] {});
      narrate("a sync failed");
    }
    if (exit_at_ != kNever && world_.now() >= exit_at_) {
      if (!hub_->store_failed() && !hub_->start_error()) complain("a sync failed and the store did not say so");
      hub_->freeze(ending_.kind);
    }
    const std::uint64_t age = world_.steps() - steps_at_birth_;
    if (ending_.fate == Fate::drained && age == ending_.steps && hub_->running()) {
      narrate("the hub is stopped");
      hub_->stop(std::chrono::seconds(2));
    } else if (ending_.fate != Fate::none && ending_.fate != Fate::drained && age >= ending_.steps && exit_at_ == kNever) {
      if (ending_.fate != Fate::failed_sync) hub_->freeze(ending_.kind);
      ending_.steps = kMostSteps;
    }
    if (hub_->frozen() || hub_->ended()) {
      bury();
    } else if (ending_.fate == Fate::none && hub_->running() && !asking_) {
      asking_ = true;
      calm_down();
      hub_->run(ask(hub_.get()));
    }
  }

  /// All is done before this life came to its planned end: it ends now.
  bool end_idle_life() {
    if (!hub_ || ending_.fate == Fate::none) return false;
    hub_->freeze(ending_.kind);
    return true;
  }

  void bury() {
    if (hub_->frozen()) {
      ++result_.counts.crashes;
      narrate(ending_.kind == CrashKind::kill ? "the hub is killed" : "the hub loses power");
    }
    image_ = hub_->image();
    hub_.reset();
    if (over_) return;
    executor_.at(world_.now() + rng_.micros(1'000, 1'000'000), [this] { begin_life(); });
  }

  /// The last life: nothing more goes wrong after a while.
  void calm_down() {
    executor_.at(world_.now() + rng_.micros(0, 5'000'000), [this] {
      wire_.faults.cut_per_mille = 0;
      wire_.faults.refuse_per_mille = 0;
      for (const auto& sink : sinks_) sink->calm_down();
    });
  }

  /// Runs in the hub: lets held lanes go on as a person would, and closes the books when all is delivered.
  env::Task<void> ask(SimHub* hub) {
    while (true) {
      co_await env::sleep_until(world_.now() + std::chrono::milliseconds(700));
      narrate("asking the engine");
      std::vector<std::string> names = {kFifoName, kKeyedName};
      if (batches()) names.emplace_back(kBatchName);
      for (const std::string& name : names) {
        flow::EngineSnapshot snapshot = co_await hub->engine().snapshot();
        bool held = false;
        for (const auto& destination : snapshot.destinations)
          for (const auto& lane : destination.lanes) held = held || lane.state == flow::LaneState::held;
        if (!held) continue;
        Result<void> resumed = co_await hub->engine().resume(name);
        if (!resumed) complain(resumed.error().describe());
      }
      narrate("asking the store");
      bool done = true;
      for (const auto& sender : senders_) done = done && sender->done();
      if (!done) continue;
      auto queued = co_await hub->store().queued_destinations();
      if (!queued) {
        complain("the store does not say what is queued: " + queued.error().describe());
        co_return;
      }
      for (const auto& status : *queued) done = done && status.queued == 0;
      if (done) break;
    }
    narrate("all is delivered");
    co_await close_books(hub);
    over_ = true;
  }

  env::Task<void> close_books(SimHub* hub) {
    store::Store& store = hub->store();
    for (const auto& sender : senders_) {
      for (const Promise& promise : sender->promises()) {
        store::MessageFilter filter;
        filter.control_id = promise.control_id;
        auto rows = co_await store.messages(std::move(filter));
        if (!rows) {
          complain("listing: " + rows.error().describe());
          co_return;
        }
        for (const auto& row : *rows)
          if (row.state != "rejected" && row.state != "duplicate") books_.control_ids[row.id] = promise.control_id;
      }
    }
    narrate("messages are listed");
    auto dead = co_await store.dead_letters(std::nullopt, 0, 1000);
    if (dead)
      for (const auto& letter : *dead)
        books_.dead.push_back({letter.destination, books_.control_ids[letter.delivery.message], letter.reason});
    auto ambiguities = co_await store.ambiguities(std::nullopt, 0, 1000);
    if (ambiguities) books_.ambiguities = std::move(*ambiguities);
    if (!dead || !ambiguities) complain("the store does not open its books");
    for (const auto& [id, control_id] : books_.control_ids) {
      auto trace = co_await store.trace(id);
      if (trace) books_.traces[id] = std::move(*trace);
    }
  }

  void finish() {
    result_.counts.steps = world_.steps();
    for (const auto& sender : senders_) {
      for (const Promise& promise : sender->promises()) {
        result_.counts.sends += promise.sends;
        for (const auto& [failed, exit] : failed_syncs_) {
          // Whoever is promised something after the disk has failed, in that same life, is lied to.
          if (promise.accepted_at > failed + kAckAfterFailedSync && promise.accepted_at < exit)
            complain(promise.control_id + ": acknowledged after a failed sync");
        }
      }
    }
    if (!over_) return;
    History history;
    history.senders = &sender_list_;
    history.sinks[kFifoName] = sinks_[0].get();
    history.sinks[kKeyedName] = sinks_[1].get();
    history.books = std::move(books_);
    history.window_messages = kWindow;
    history.keyed_lanes = PlanOptions{}.keyed_connections;
    history.enhanced = enhanced();
    history.responds = responds();
    if (batches()) history.registry = sinks_[2].get();
    history.batch_messages = kBatchMessages;
    for (std::string& text : check_promises(history, result_.counts)) complain(std::move(text));
  }

  HistoryOptions options_;
  World world_;
  Wire wire_;
  SimClock clock_;
  Rng rng_;
  SimExecutor executor_;
  std::unique_ptr<transport::Transport> transport_;
  HubSetup setup_;
  Image image_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<const Sender*> sender_list_;
  std::vector<std::unique_ptr<Sink>> sinks_;
  std::unique_ptr<SimHub> hub_;
  Ending ending_;
  std::uint64_t steps_at_birth_ = 0;
  std::uint64_t crashes_left_ = 0;
  SteadyTime exit_at_ = kNever;
  std::vector<std::pair<SteadyTime, SteadyTime>> failed_syncs_;  // and when that life ended
  bool asking_ = false;
  bool over_ = false;
  Books books_;
  HistoryResult result_;
};

}  // namespace

HistoryResult run_history(const HistoryOptions& options) { return Director(options).run(); }

}  // namespace smarthl7::sim

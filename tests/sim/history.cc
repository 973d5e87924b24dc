// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/history.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "runtime/env/crash_point.h"
#include "runtime/sim/hub.h"
#include "runtime/transport/mllp/mllp.h"
#include "tests/sim/checker.h"
#include "tests/sim/close_books.h"
#include "tests/sim/peers.h"
#include "tests/sim/person.h"
#include "tests/sim/routes.h"

namespace smarthl7::sim {

namespace {

constexpr auto kAckAfterFailedSync = std::chrono::milliseconds(50);  // acknowledgements already on their way
constexpr std::uint32_t kWindow = 4;
constexpr std::uint64_t kEnoughDisk = 64ULL << 30U;

enum class Fate : std::uint8_t { after_steps, at_point, at_operation, failed_sync, drained, none };

struct Ending {  // of one life of the hub
  Fate fate = Fate::none;
  CrashKind kind = CrashKind::kill;
  std::uint64_t steps = 0;  // after which the life ends at the latest; 0: see the fate
  env::CrashPoint point = env::CrashPoint::in_receive;
  std::uint64_t visits = 0;
};

class Director {
 public:
  explicit Director(const HistoryOptions& options)
      : options_(options),
        scenario_(options.scenario),
        world_(scenario_.seed),
        wire_(world_),
        clock_(world_),
        rng_(world_.rng().split()),
        executor_(world_),
        planted_(options.bug, world_),
        person_(world_, world_.rng().split()),
        transport_(transport::mllp::make_transport()) {
    setup_.transports = {transport_.get()};
    setup_.window_messages = kWindow;
    setup_.store.folder = "data";
    setup_.store.background_thread = false;
    if (has(Part::small_store)) make_store_small();
    planted_.into(setup_);
    NetworkFaults& net = wire_.faults;
    net.split_per_mille = has(Part::pieces) ? static_cast<unsigned>(rng_.between(100, 600)) : 0;
    net.most_micros = has(Part::latency) ? rng_.between(1'000, 60'000) : 400;
    net.cut_per_mille = has(Part::cuts) ? static_cast<unsigned>(rng_.between(1, 30)) : 0;
    net.refuse_per_mille = has(Part::refused_connects) ? static_cast<unsigned>(rng_.between(1, 50)) : 0;
    peers_ = make_peers(world_, wire_, rng_, scenario_);
    messages_ = peers_.messages();
    most_steps_ = 400'000 + messages_ * 20'000;
    lives_left_ = scenario_.lives != 0 ? scenario_.lives : rng_.between(2, 5);
  }

  HistoryResult run() {
    env::arm_crash_points([this](env::CrashPoint point) { visit(point); });
    peers_.start(world_, executor_, rng_, has(Part::away));
    begin_life();
    while (!over_ && result_.broken.empty()) {
      if (!world_.step() && !end_idle_life())
        complain("nothing is left to happen, but the history is not over" + still_to_come());
      if (world_.steps() > most_steps_) complain("the history does not end" + still_to_come());
      watch();
    }
    env::arm_crash_points({});
    finish();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool has(Part part) const { return scenario_.has(part); }
  void complain(std::string text) { result_.broken.push_back(std::move(text)); }
  void count(Injected kind) { world_.injected().add(kind); }

  void narrate(const std::string& text) const {
    if (options_.narrate)
      fmt::print("{:>12} us  {}\n", (world_.now().time_since_epoch().count() - 1'000'000'000'000) / 1000, text);
  }

  [[nodiscard]] std::string still_to_come() const {
    std::string out;
    for (const auto& sender : peers_.senders)
      if (!sender->done()) out += "; a sender is not done";
    for (const std::string& name : queued_) out += "; messages are queued for " + name;
    return out;
  }

  /// Small numbers as often as large ones.
  std::uint64_t any_size(std::uint64_t most) {
    const auto bits = rng_.below(static_cast<std::uint64_t>(std::bit_width(most)));
    return std::min(most, rng_.between(std::uint64_t{1} << bits, (std::uint64_t{2} << bits) - 1));
  }

  void make_store_small() {
    store::StoreOptions& store = setup_.store;
    store.segment_bytes = std::uint64_t{2048} << rng_.below(8);
    store.group_messages = static_cast<std::uint32_t>(rng_.between(1, 8));
    store.group_bytes = std::uint64_t{1024} << rng_.below(6);
    store.reject_bytes = std::uint64_t{256} << rng_.below(6);
    store.outcome_delay = std::chrono::microseconds(rng_.between(0, 20'000));
  }

  // ---- lives ----------------------------------------------------------------------------------------------------------------

  void plan_ending() {
    ending_ = {};
    steps_at_birth_ = world_.steps();
    if (--lives_left_ == 0) return;
    std::vector<Fate> fates;
    std::vector<CrashKind> kinds;
    if (has(Part::kill)) kinds.push_back(CrashKind::kill);
    if (has(Part::power)) kinds.push_back(CrashKind::power_loss);
    if (!kinds.empty()) {
      fates.insert(fates.end(), {Fate::after_steps, Fate::after_steps, Fate::at_point, Fate::at_point, Fate::at_point});
      fates.insert(fates.end(), {Fate::at_operation, Fate::at_operation, Fate::at_operation});
      ending_.kind = kinds[rng_.below(kinds.size())];
    }
    if (has(Part::failed_sync)) fates.push_back(Fate::failed_sync);
    if (has(Part::stops)) fates.push_back(Fate::drained);
    if (fates.empty()) {
      lives_left_ = 0;
      return;
    }
    ending_.fate = fates[rng_.below(fates.size())];
    ending_.steps = 2'000 + messages_ * 150;  // what was planned does not come: it ends anyway
    switch (ending_.fate) {
      case Fate::after_steps:
      case Fate::drained: ending_.steps = any_size(200 + messages_ * 90); break;
      case Fate::at_point:
        ending_.point = static_cast<env::CrashPoint>(rng_.below(env::crash_point_names().size()));
        ending_.visits = any_size(messages_);
        break;
      case Fate::at_operation:
      case Fate::failed_sync:
      case Fate::none: break;
    }
  }

  unsigned next_variant() {
    if (!has(Part::replace) || result_.counts.lives == 0) return variant_;
    unsigned next = static_cast<unsigned>(rng_.below(kVariants));
    if (keep_extra_ && next == 0) next = 1;
    keep_extra_ = false;
    return next;
  }

  void begin_life() {
    const unsigned variant = next_variant();
    if (result_.counts.lives > 0 && variant != variant_) count(Injected::plan_replaced);
    variant_ = variant;
    const Route& route = route_for(scenario_, variant);
    routes_[variant] = &route;
    setup_.plan = route.plan;
    setup_.source_options.assign(1, {});
    setup_.source_options[0].set_text("listen", kSourceAddress);
    setup_.destination_options.clear();
    const plan::Plan& plan = route.plan->plan();
    for (const plan::Destination& destination : plan.destinations)
      setup_.destination_options.emplace_back().set_text("connect", plan.text(destination.name) + ":1");
    plan_ending();
    ++result_.counts.lives;
    DiskFaults faults;
    faults.slow_sync_per_mille = has(Part::slow_sync) && rng_.chance(300) ? 20 : 0;
    if (ending_.fate == Fate::failed_sync) faults.fail_sync_at = any_size(messages_ * 3);
    hub_ = std::make_unique<SimHub>(world_, wire_, clock_, std::move(image_), faults, setup_);
    image_ = {};
    if (ending_.fate == Fate::at_operation) hub_->freeze_at_operation(ending_.kind, any_size(messages_ * 30));
    exit_at_ = kNever;
    cared_for_ = false;
    disk_was_full_ = false;
    hub_->start();
    if (has(Part::clock)) jump_clock();
    if (has(Part::full_disk) && rng_.chance(400)) fill_disk();
    narrate(fmt::format("the hub starts with plan {}", variant));
  }

  void jump_clock() {
    for (std::uint64_t left = rng_.between(0, 2); left > 0; --left) {
      const std::chrono::minutes by(static_cast<int>(rng_.below(721)) - 360);
      executor_.at(world_.now() + rng_.micros(0, 2'000'000), [this, by] {
        clock_.jump(by);
        count(Injected::clock_jump);
      });
    }
  }

  void fill_disk() {
    const std::uint64_t life = result_.counts.lives;
    const std::uint64_t way = rng_.below(3);  // 0: low, 1: full, 2: both
    executor_.at(world_.now() + rng_.micros(0, 1'000'000), [this, life, way] {
      if (!lives(life) || closing_) return;
      narrate("the disk fills up");
      disk_was_full_ = true;
      if (way != 1) count(Injected::low_disk);
      if (way != 1) hub_->disk().faults.free_bytes = 1000;
      hub_->disk().faults.full = way != 0;
    });
    executor_.at(world_.now() + rng_.micros(1'000'000, 4'000'000), [this, life] {
      if (lives(life)) empty_disk();
    });
  }

  [[nodiscard]] bool lives(std::uint64_t life) const { return hub_ && result_.counts.lives == life; }

  void empty_disk() {
    if (hub_->disk().faults.full || hub_->disk().faults.free_bytes != kEnoughDisk) narrate("the disk has room again");
    hub_->disk().faults.free_bytes = kEnoughDisk;
    hub_->disk().faults.full = false;
  }

  void visit(env::CrashPoint point) {
    if (!hub_ || hub_->frozen() || ending_.fate != Fate::at_point || point != ending_.point) return;
    if (--ending_.visits != 0) return;
    const auto name = std::string(env::crash_point_names()[static_cast<std::size_t>(point)]);
    ++result_.counts.crash_points[name];
    narrate("crash point " + name);
    hub_->freeze(ending_.kind);
  }

  // ---- after each step
  // --------------------------------------------------------------------------------------------------------

  void watch() {
    if (!hub_) return;
    if (hub_->start_error() && !hub_->frozen() && hub_->disk().failed_at() == kNever && !excused(*hub_->start_error())) {
      complain("the hub did not start: " + hub_->start_error()->describe());
      return;
    }
    watch_failed_sync();
    const std::uint64_t age = world_.steps() - steps_at_birth_;
    if (ending_.fate == Fate::drained && age >= ending_.steps && !stopping_) {
      if (hub_->running()) {
        narrate("the hub is stopped");
        count(Injected::stopped);
        stopping_ = true;
        hub_->stop(std::chrono::seconds(2));
      }
    } else if (ending_.fate != Fate::none && ending_.fate != Fate::drained && age >= ending_.steps && exit_at_ == kNever) {
      hub_->freeze(ending_.kind);
    }
    if (hub_->frozen() || hub_->ended() || hub_->start_error()) {
      bury();
    } else if (hub_->running() && !cared_for_) {
      cared_for_ = true;
      if (ending_.fate == Fate::none) calm_down();
      hub_->run(care_for(hub_.get(), ending_.fate == Fate::none));
    }
  }

  /// A plan that lacks a destination with messages queued is refused, and so is a start on a full disk.
  bool excused(const Error& error) {
    for (const Error* what = &error; what != nullptr; what = what->cause.get())
      if (what->code == ErrorCode::full && disk_was_full_) return true;
    if (error.code != ErrorCode::invalid || error.describe().find("`extra`") == std::string::npos) return false;
    narrate("the plan is refused: " + error.describe());
    count(Injected::plan_refused);
    keep_extra_ = true;
    if (ending_.fate == Fate::none) lives_left_ = 1;
    return true;
  }

  void watch_failed_sync() {
    if (hub_->disk().failed_at() != kNever && exit_at_ == kNever) {
      exit_at_ = world_.now() + rng_.micros(60'000, 2'000'000);
      failed_syncs_.emplace_back(hub_->disk().failed_at(), exit_at_);
      executor_.at(exit_at_, [] {});
      narrate("a sync failed");
    }
    if (exit_at_ == kNever || world_.now() < exit_at_) return;
    if (!hub_->store_failed() && !hub_->start_error()) complain("a sync failed and the store did not say so");
    hub_->freeze(ending_.kind);
  }

  /// All is done before this life came to its planned end: it ends now.
  bool end_idle_life() {
    if (!hub_ || ending_.fate == Fate::none) return false;
    hub_->freeze(ending_.kind);
    return true;
  }

  void bury() {
    if (hub_->frozen()) {
      const bool kill = ending_.kind == CrashKind::kill;
      narrate(kill ? "the hub is killed" : "the hub loses power");
      if (!kill) count(Injected::power_lost);
      count(ending_.fate == Fate::at_point && ending_.visits == 0 ? Injected::killed_at_point
            : ending_.fate == Fate::at_operation                  ? Injected::killed_at_operation
                                                                  : Injected::killed_between_steps);
      image_ = hub_->image();
    } else if (hub_->ended()) {
      image_ = hub_->image();
    } else {
      hub_->freeze(CrashKind::kill);  // it could not start: the process ends
      image_ = hub_->image();
    }
    hub_.reset();
    if (exit_at_ != kNever) failed_syncs_.back().second = std::min(exit_at_, world_.now());
    stopping_ = false;
    if (lives_left_ == 0) lives_left_ = 1;
    if (over_) return;
    executor_.at(world_.now() + rng_.micros(1'000, 1'000'000), [this] { begin_life(); });
  }

  /// The last life: nothing more goes wrong after a while.
  void calm_down() {
    executor_.at(world_.now() + rng_.micros(0, 5'000'000), [this] {
      narrate("all is calm from now on");
      wire_.faults.cut_per_mille = 0;
      wire_.faults.refuse_per_mille = 0;
      peers_.calm_down();
    });
  }

  // ---- the person in front of the hub
  // -----------------------------------------------------------------------------------------

  /// Runs in the hub: lets held lanes go on, looks at the windows, and in the last life closes the books when all is delivered.
  env::Task<void> care_for(SimHub* hub, bool last) {
    while (true) {
      co_await env::sleep_until(world_.now() + std::chrono::milliseconds(700));
      flow::EngineSnapshot snapshot = co_await hub->engine().snapshot();
      for (const auto& destination : snapshot.destinations) {
        look_at_window(destination.name, destination.waiting);
        if (!wants_help(destination)) continue;
        narrate("a person lets " + destination.name + " go on");
        count(Injected::lane_resumed);
        resumed_[destination.name].push_back(world_.now());
        Result<void> done = co_await hub->engine().resume(destination.name);
        if (!done) complain(done.error().describe());
      }
      auto queued = co_await hub->store().queued_destinations();
      if (!queued) {
        if (last && hub->disk().failed_at() == kNever)
          complain("the store does not say what is queued: " + queued.error().describe());
        if (!last) continue;
        co_return;
      }
      queued_.clear();
      for (const auto& status : *queued) {
        look_at_window(status.name, status.released);
        if (status.queued > 0) queued_.push_back(status.name);
      }
      const bool again = person_.waits() && (last || rng_.chance(500));
      if (has(Part::replays) && (again || rng_.chance(200))) {
        co_await person_.replay(&hub->store());
        continue;
      }
      bool done = queued_.empty();
      for (const auto& sender : peers_.senders) done = done && sender->done();
      if (last && done) break;
      if (done) ending_.steps = 0;  // nothing more will come of this life
    }
    narrate("all is delivered");
    closing_ = true;
    empty_disk();
    std::optional<Error> error = co_await close_books(&hub->store(), &books_);
    if (error) complain("the store does not open its books: " + error->describe());
    over_ = true;
  }

  /// A lane is held; or something else may be that a snapshot of the lanes does not show.
  bool wants_help(const flow::DestinationSnapshot& destination) {
    if (std::ranges::any_of(destination.lanes, [](const auto& lane) { return lane.state == flow::LaneState::held; }))
      return true;
    const RouteDestination* const known = routes_[variant_]->find(destination.name);
    return known != nullptr && known->holds && destination.waiting > 0 && rng_.chance(150);
  }

  void look_at_window(const std::string& name, std::uint64_t released) {
    std::vector<const Route*> routes;
    for (const auto& [variant, route] : routes_) routes.push_back(route);
    const std::optional<std::uint64_t> lanes = most_lanes(routes, name);
    if (!lanes || released <= *lanes * kWindow) return;
    complain(fmt::format("{} messages are released to {}, more than {}", released, name, *lanes * kWindow));
  }

  void finish() {
    HistoryCounts& counts = result_.counts;
    counts.steps = world_.steps();
    counts.messages = messages_;
    counts.injected = world_.injected();
    for (const auto& sender : peers_.senders) {
      for (const Promise& promise : sender->promises()) {
        counts.sends += promise.sends;
        for (const auto& [failed, exit] : failed_syncs_) {
          // Whoever is promised something after the disk has failed, in that same life, is lied to.
          if (promise.accepted_at > failed + kAckAfterFailedSync + 2 * std::chrono::microseconds(wire_.faults.most_micros) &&
              promise.accepted_at < exit)
            complain(promise.control_id + ": acknowledged after a failed sync");
        }
      }
    }
    if (!over_) return;
    History history;
    for (const auto& sender : peers_.senders) history.senders.push_back(sender.get());
    for (const auto& [name, sink] : peers_.sinks) history.sinks[name] = sink.get();
    for (const auto& [variant, route] : routes_) history.routes.push_back(route);
    history.books = std::move(books_);
    history.window_messages = kWindow;
    history.resumed = std::move(resumed_);
    history.replays = person_.replayed();
    for (const std::string& text : person_.complaints()) complain(text);
    history.clock_jumps = has(Part::clock);
    history.conflicts_refused = has(Part::conflict_reject);
    history.responds = has(Part::respond);
    for (std::string& text : check_promises(history, counts)) complain(std::move(text));
  }

  HistoryOptions options_;
  Scenario scenario_;
  World world_;
  Wire wire_;
  SimClock clock_;
  Rng rng_;
  SimExecutor executor_;
  Planted planted_;
  Person person_;
  std::unique_ptr<transport::Transport> transport_;
  HubSetup setup_;
  Image image_;
  Peers peers_;
  std::map<unsigned, const Route*> routes_;  // variants that ran
  std::unique_ptr<SimHub> hub_;
  Ending ending_;
  std::uint64_t messages_ = 0;
  std::uint64_t most_steps_ = 0;
  std::uint64_t steps_at_birth_ = 0;
  std::uint64_t lives_left_ = 0;
  unsigned variant_ = 0;
  bool keep_extra_ = false;  // a plan without it was refused
  bool disk_was_full_ = false;
  bool stopping_ = false;
  SteadyTime exit_at_ = kNever;
  std::vector<std::pair<SteadyTime, SteadyTime>> failed_syncs_;  // and when that life ended
  std::map<std::string, std::vector<SteadyTime>> resumed_;
  std::vector<std::string> queued_;  // destinations, when last asked
  bool cared_for_ = false;
  bool closing_ = false;
  bool over_ = false;
  Books books_;
  HistoryResult result_;
};

}  // namespace

void HistoryCounts::add(const HistoryCounts& other) {
  steps += other.steps;
  lives += other.lives;
  messages += other.messages;
  sends += other.sends;
  arrivals += other.arrivals;
  duplicates += other.duplicates;
  copies_known += other.copies_known;
  listed += other.listed;
  dead += other.dead;
  batches += other.batches;
  batched += other.batched;
  parts += other.parts;
  for (const auto& [name, hits] : other.crash_points) crash_points[name] += hits;
  injected.add(other.injected);
}

HistoryResult run_history(const HistoryOptions& options) { return Director(options).run(); }

}  // namespace smarthl7::sim

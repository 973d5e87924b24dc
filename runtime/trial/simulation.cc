// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/simulation.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/transport/mllp/mllp.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::trial {
namespace {

constexpr std::uint64_t kMostSteps = 50'000'000;  // a history that takes longer will not end
constexpr auto kSettle = std::chrono::seconds(1);
constexpr std::uint32_t kMostLetters = 100'000;

/// Another connector, as which MLLP stands in: what a test sends and gets are messages, however they travel.
class StandIn final : public transport::Transport {
 public:
  StandIn(std::string_view name, const transport::Transport& mllp) : name_(name), mllp_(mllp) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  Result<std::unique_ptr<transport::Source>> make_source(const transport::Options& options, transport::EnvSet envs,
                                                         transport::Receiver* receiver) const override {
    return mllp_.make_source(options, std::move(envs), receiver);
  }
  Result<std::unique_ptr<transport::Destination>> make_destination(const transport::Options& options,
                                                                   env::Env env) const override {
    return mllp_.make_destination(options, env);
  }

 private:
  std::string_view name_;
  const transport::Transport& mllp_;
};

/// Options as the plan has them but for what is not simulated: each end has an address of its own and answers, in clear, MLLP
/// release 1; sources listen and destinations connect.
transport::Options options_of(const eval::BoundPlan& bound, plan::Id connector, const std::vector<plan::OptionValue>& options) {
  transport::Options out;
  if (bound.plan().text(connector) != "mllp") return out;
  for (const plan::OptionValue& option : options) {
    const std::string& name = bound.plan().text(option.name);
    constexpr std::string_view kReal[] = {"release", "via", "allow", "listen", "connect", "answers"};
    if (name.starts_with("tls") || std::ranges::find(kReal, name) != std::ranges::end(kReal)) continue;
    const std::string text = bound.option_text(option);
    switch (option.kind) {
      case plan::OptionKind::text:
      case plan::OptionKind::boolean: out.set_text(name, text); break;
      case plan::OptionKind::block:
      case plan::OptionKind::file: out.set_text(name, ""); break;
      case plan::OptionKind::number:
      case plan::OptionKind::size: out.set_number(name, std::strtoull(text.c_str(), nullptr, 10)); break;
      case plan::OptionKind::duration:
        out.set_duration(name, std::chrono::microseconds(std::strtoll(text.c_str(), nullptr, 10)));
        break;
      case plan::OptionKind::secret: out.set_secret(name, Secret("made up for a test")); break;
    }
  }
  return out;
}

env::Endpoint endpoint(const std::string& kind, plan::Id id) {
  auto parsed = env::Endpoint::parse(fmt::format("{}-{}:2575", kind, id));
  SMARTHL7_ASSERT(parsed.has_value(), "addresses of a simulation are well formed");
  return *parsed;
}

}  // namespace

Simulation::Simulation(std::shared_ptr<const eval::BoundPlan> plan, std::uint64_t seed, bool alerts)
    : world_(seed),
      wire_(world_),
      clock_(world_),
      executor_(world_),
      transport_(transport::mllp::make_transport()),
      plan_(plan),
      with_alerts_(alerts) {
  sim::HubSetup setup;
  setup.plan = plan;
  setup.transports = {transport_.get()};
  for (const connectors::ConnectorSpec* connector : connectors::all_connectors()) {
    if (!connector->built || connector->name == transport_->name()) continue;
    stand_ins_.push_back(std::make_unique<StandIn>(connector->name, *transport_));
    setup.transports.push_back(stand_ins_.back().get());
  }
  setup.window_messages = 256;
  setup.store.folder = "data";
  setup.store.background_thread = false;
  for (plan::Id id = 0; id < plan->plan().sources.size(); ++id) {
    const env::Endpoint at = endpoint("source", id);
    setup.source_options.push_back(options_of(*plan, plan->plan().sources[id].connector, plan->plan().sources[id].options));
    setup.source_options.back().set_text("listen", at.text());
    senders_.push_back(std::make_unique<Sender>(world_, wire_, at));
  }
  for (plan::Id id = 0; id < plan->plan().destinations.size(); ++id) {
    const env::Endpoint at = endpoint("destination", id);
    setup.destination_options.push_back(
        options_of(*plan, plan->plan().destinations[id].connector, plan->plan().destinations[id].options));
    setup.destination_options.back().set_text("connect", at.text());
    receivers_.push_back(std::make_unique<Receiver>(world_, wire_, at));
  }
  began_ = world_.now();
  began_wall_ = clock_.wall();
  for (const auto& receiver : receivers_) receiver->start();
  hub_ = std::make_unique<sim::SimHub>(world_, wire_, clock_, sim::Image{}, sim::DiskFaults{}, setup);
  hub_->start();
}

Simulation::~Simulation() {
  hub_->freeze(sim::CrashKind::kill);
  hub_.reset();
}

std::chrono::microseconds Simulation::elapsed() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(world_.now() - began_);
}

bool Simulation::step() {
  if (!broken_.empty()) return false;
  if (hub_->start_error()) broken_ = "the hub does not start: " + hub_->start_error()->describe();
  if (hub_->store_failed()) broken_ = "the hub's store has failed";
  if (world_.steps() > kMostSteps) broken_ = "the test does not come to an end";
  if (!broken_.empty()) return false;
  if (world_.step()) return true;
  broken_ = "nothing is left to happen";
  return false;
}

bool Simulation::until(const std::function<bool()>& condition) {
  while (!condition()) {
    if (!step()) return false;
  }
  return true;
}

/// Givens take effect before the hub's first step; it listens before anything is sent.
bool Simulation::start() {
  if (started_) return true;
  started_ = until([this] { return hub_->running(); });
  if (started_ && with_alerts_) {
    alert::WatchSetup setup;
    setup.plan = plan_;
    setup.subject = this;
    setup.teller = this;
    setup.clock = &clock_;
    setup.disk = &hub_->disk();
    setup.folder = "data";
    setup.points = false;
    watch_ = std::make_unique<alert::Watch>(std::move(setup));
    hub_->run(watch_->run());
  }
  return started_;
}

bool Simulation::pass(std::chrono::nanoseconds length) {
  if (!start()) return false;
  bool reached = false;
  const SteadyTime then = world_.now() + length;
  executor_.at(then, [&reached] { reached = true; });
  const bool fine = until([&reached] { return reached; });
  if (fine) return true;
  executor_.clear();  // the timer speaks of a local
  return false;
}

bool Simulation::settle() {
  if (!start()) return false;
  return pass(kSettle);
}

env::Task<Result<alert::Observed>> Simulation::observe() {
  alert::Observed observed;
  flow::EngineSnapshot engine = co_await hub_->engine().snapshot();
  observed.engine = std::move(engine);
  Result<store::StoreStatus> kept = co_await hub_->store().status();
  if (!kept) co_return std::unexpected(std::move(kept).error());
  observed.store = std::move(*kept);
  co_return observed;
}

env::Task<std::optional<WallTime>> Simulation::last_message(std::string /*source*/) {
  co_return std::nullopt;  // a test begins with an empty store
}

void Simulation::warn(const Error& error) {
  if (broken_.empty()) broken_ = "the watch over alerts: " + error.describe();
}

std::vector<observe::AlertStatus> Simulation::alerts() const {
  return watch_ ? watch_->states() : std::vector<observe::AlertStatus>{};
}

void Simulation::ask(env::Task<void> task) {
  if (!start()) return;
  answered_ = false;
  hub_->run(std::move(task));
  until([this] { return answered_; });
}

env::Task<void> Simulation::ask_dead() {
  dead_.clear();
  store::Store& store = hub_->store();
  std::optional<std::string> all;
  auto letters = co_await store.dead_letters(all, 0, kMostLetters);
  if (letters) {
    for (store::DeadLetter& letter : *letters) {
      DeadMessage dead;
      store::AuditRecord record;
      record.actor = "test";
      record.act = "read body";
      std::optional<std::uint32_t> delivery;
      if (letter.delivery.number != 0xFFFFFFFFU) delivery = letter.delivery.number;
      auto body = co_await store.read_body(letter.delivery.message, delivery, record);
      if (body) dead.body = body->view();
      dead.letter = std::move(letter);
      dead_.push_back(std::move(dead));
    }
  }
  answered_ = true;
}

env::Task<void> Simulation::ask_traces(std::uint32_t most) {
  traces_.clear();
  store::Store& store = hub_->store();
  store::MessageFilter filter;
  filter.newest_first = true;
  filter.limit = most;
  auto rows = co_await store.messages(filter);
  if (rows) {
    for (const store::MessageRow& row : *rows) {
      auto trace = co_await store.trace(row.id);
      if (trace) traces_.insert(traces_.begin(), std::move(*trace));
    }
  }
  answered_ = true;
}

std::vector<DeadMessage> Simulation::dead_letters() {
  ask(ask_dead());
  return dead_;
}

std::vector<store::Trace> Simulation::traces(std::uint32_t most) {
  ask(ask_traces(most));
  return traces_;
}

}  // namespace smarthl7::trial

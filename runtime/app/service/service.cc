// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/service.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <memory>
#include <vector>

#include "runtime/api/admin.h"
#include "runtime/api/guard.h"
#include "runtime/app/service/admin_token.h"
#include "runtime/app/service/alerts.h"
#include "runtime/app/service/bind_options.h"
#include "runtime/app/service/certificates.h"
#include "runtime/app/service/connection_log.h"
#include "runtime/app/service/hash_key.h"
#include "runtime/app/service/status_picture.h"
#include "runtime/app/service/table_keeper.h"
#include "runtime/env/crash_point.h"
#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/flow/engine.h"
#include "runtime/transport/file/file.h"
#include "runtime/transport/https/https.h"
#include "runtime/transport/mllp/mllp.h"
#include "runtime/transport/sftp/sftp.h"

namespace smarthl7::app {
namespace {

/// A connection is a descriptor: as many as the system lets us have, not as many as it gives at first.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(
      ::setrlimit(RLIMIT_NOFILE, &limit));  // without it fewer connections are taken, which is told when it comes to that
}

constexpr int kFine = 0;
constexpr int kPlanAtFault = 1;
constexpr int kEnvironment = 3;

/// A reactor thread with what belongs to it.
struct Lane {
  std::unique_ptr<env::RealReactor> reactor = env::make_reactor();
  std::unique_ptr<env::Random> random = env::make_real_random();
};

class Service final : public api::StatusSource, public api::Control {
 public:
  explicit Service(ServiceSetup setup) : setup_(std::move(setup)) {}

  int run();
  env::Task<observe::ServiceStatus> service_status() override;
  Result<void> check_hold(const std::string& name, std::uint32_t lane) override { return engine_->check_hold(name, lane); }
  env::Task<Result<void>> hold(std::string name, std::uint32_t lane, std::string why) override {
    return engine_->hold(std::move(name), lane, std::move(why));
  }
  env::Task<Result<void>> release(std::string name, std::uint32_t lane) override {
    return engine_->release(std::move(name), lane);
  }
  env::Task<Result<std::vector<observe::TableReload>>> reload_tables(std::string name, std::string actor) override {
    return tables_->reload(std::move(name), std::move(actor));
  }

 private:
  Result<void> open();
  Result<flow::EngineSetup> make_engine_setup();
  env::Task<void> start();
  void start_alerts();
  Result<void> listen_on_loopback();
  env::Task<void> stop(int exit_code);
  void on_signal(int number);
  void on_store_failure(const Error& error);
  void log(std::string_view level, std::string_view text) const;
  [[nodiscard]] env::Env env_of(Lane& lane) {
    return {lane.reactor->executor(), lane.reactor->network(), *disk_, *clock_, *lane.random};
  }

  ServiceSetup setup_;
  std::unique_ptr<env::Disk> disk_ = setup_.disk ? std::move(setup_.disk) : env::make_real_disk();
  std::unique_ptr<env::Clock> clock_ = env::make_real_clock();
  std::unique_ptr<transport::Transport> mllp_ = transport::mllp::make_transport();
  std::unique_ptr<transport::Transport> file_ = transport::file::make_transport();
  std::unique_ptr<transport::Transport> https_ = transport::https::make_transport();
  std::unique_ptr<transport::Transport> sftp_ = transport::sftp::make_transport();
  std::shared_ptr<const eval::BoundPlan> bound_;
  Lane writer_;
  std::vector<Lane> lanes_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<transport::IntakeMemory> memory_;
  std::unique_ptr<flow::Engine> engine_;
  std::unique_ptr<Certificates> certificates_;
  std::unique_ptr<TableKeeper> tables_;
  ConnectionLog connections_{clock_.get(), [this](std::string_view level, std::string_view text) { log(level, text); }};
  std::unique_ptr<Alerts> alerts_;
  std::unique_ptr<api::Admin> admin_;
  std::unique_ptr<api::HttpServer> server_;
  std::unique_ptr<api::Guard> guard_;
  std::unique_ptr<api::HttpServer> loopback_;
  env::Gate gate_;  // of the first reactor
  bool started_ = false;
  bool stopping_ = false;
  int start_error_ = kEnvironment;
  std::promise<int> ended_;
};

void Service::log(std::string_view level, std::string_view text) const {
  const std::string line = fmt::format("{} {} {}\n", to_iso8601(clock_->wall()), level, text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

Result<void> Service::open() {
  TRY_VOID(env::arm_crash_points_from_environment());
  TRY_VOID(disk_->make_folder(setup_.data));
  writer_.reactor->start("store");
  std::promise<Result<std::unique_ptr<store::Store>>> opened;
  writer_.reactor->executor().post([&] {
    store::StoreOptions options = setup_.store;
    options.folder = setup_.data;
    opened.set_value(store::open_store(std::move(options), env_of(writer_)));
  });
  TRY(store_, opened.get_future().get());
  store_->on_failure([this](const Error& error) { on_store_failure(error); });

  eval::Bindings bindings;
  bindings.environment = setup_.environment;
  bindings.settings = setup_.settings;
  TRY(bindings.hash_key, load_or_make_hash_key(*disk_, *writer_.random, setup_.data));
  for (const std::string& name : eval::secrets_of_redactions(setup_.plan)) {
    TRY(bindings.secrets[name], read_secret(*disk_, setup_.secrets, name));
  }
  TableKeeperSetup keeper;
  keeper.folder = setup_.folder;
  keeper.data = setup_.data;
  keeper.disk = disk_.get();
  keeper.clock = clock_.get();
  keeper.log = [this](std::string_view level, std::string_view text) { log(level, text); };
  tables_ = std::make_unique<TableKeeper>(std::move(keeper), setup_.plan);
  TRY(bindings.tables, tables_->load());
  auto bound = eval::bind(std::move(setup_.plan), setup_.digest, std::move(bindings));
  if (!bound) start_error_ = kPlanAtFault;
  if (!bound) return std::unexpected(std::move(bound).error());
  bound_ = std::move(*bound);
  return {};
}

Result<flow::EngineSetup> Service::make_engine_setup() {
  flow::EngineSetup out;
  out.plan = bound_;
  out.transports = {mllp_.get(), file_.get(), https_.get(), sftp_.get()};
  out.store = store_.get();
  transport::IntakeLimits limits;
  limits.growing = setup_.memory / 4;
  limits.whole = setup_.memory - limits.growing;
  limits.disk_reserve = setup_.store.reserve_bytes;
  TRY(memory_, transport::IntakeMemory::open(*disk_, setup_.data + "/receiving", limits));
  out.memory = memory_.get();
  out.on_connection = [this](std::string_view source, const transport::Event& event) { connections_.note(source, event); };
  const BindingPlaces places{setup_.folder, setup_.secrets};
  CertificatesSetup files;
  files.plan = bound_;
  files.places = places;
  files.disk = disk_.get();
  files.clock = clock_.get();
  files.log = [this](std::string_view level, std::string_view text) { log(level, text); };
  certificates_ = std::make_unique<Certificates>(std::move(files));
  const plan::Plan& plan = bound_->plan();
  const auto bind_one = [&](std::string_view kind, plan::Id name, const auto& options) -> Result<transport::Options> {
    auto bound = bind_options(*bound_, options, places, *disk_);
    if (bound) certificates_->add(fmt::format("{} {}", kind, plan.text(name)), options, *bound);
    if (bound) return bound;
    return fail(bound.error().code, fmt::format("{} `{}`", kind, plan.text(name)), bound.error());
  };
  for (const auto& source : plan.sources) {
    TRY(auto options, bind_one("source", source.name, source.options));
    out.source_options.push_back(std::move(options));
  }
  for (const auto& destination : plan.destinations) {
    TRY(auto options, bind_one("destination", destination.name, destination.options));
    out.destination_options.push_back(std::move(options));
  }
  for (Lane& lane : lanes_) out.reactors.push_back(env_of(lane));
  return out;
}

env::Task<void> Service::start() {
  auto kept = co_await store_->status();
  if (kept)
    for (const std::string& note : kept->notes) log("warning", note);
  auto setup = make_engine_setup();
  if (!setup) {
    log("error", setup.error().describe());
    ended_.set_value(kEnvironment);
    co_return;
  }
  auto holds = co_await store_->acts()->holds();
  if (!holds) {
    log("error", holds.error().describe());
    ended_.set_value(kEnvironment);
    co_return;
  }
  for (const store::Hold& hold : *holds) log("warning", hold.name + " is held by a person since " + to_iso8601(hold.since));
  setup->holds = std::move(*holds);
  engine_ = std::make_unique<flow::Engine>(std::move(*setup));
  auto running = co_await engine_->start();
  if (!running) {
    log("error", running.error().describe());
    ended_.set_value(running.error().code == ErrorCode::invalid ? kPlanAtFault : kEnvironment);
    co_return;
  }
  started_ = true;
  certificates_->start();
  tables_->start(bound_, *store_);
  start_alerts();
  admin_ = std::make_unique<api::Admin>(env_of(lanes_.front()), *store_, *this, *this);
  server_ = std::make_unique<api::HttpServer>(env_of(lanes_.front()), admin_.get());
  env::Endpoint at;
  at.unix_path = setup_.admin_socket;
  if (auto listening = server_->start(at); !listening) {
    log("error", "the admin socket: " + listening.error().describe());
    co_await stop(kEnvironment);
    co_return;
  }
  if (auto listening = listen_on_loopback(); !listening) {
    log("error", "the admin interface: " + listening.error().describe());
    co_await stop(kEnvironment);
    co_return;
  }
  const auto picture = co_await service_status();
  for (const auto& source : picture.sources) log("info", fmt::format("source {} listens on {}", source.name, source.listens));
  log("info", fmt::format("running plan {} with data in {}, admin {}", picture.plan.substr(0, 16), setup_.data, at.text()));
  log("warning", "the store is not encrypted");
}

/// The admin interface over HTTP, for those who show the token.
Result<void> Service::listen_on_loopback() {
  if (!setup_.admin_http) return {};
  bool made = false;
  TRY(Secret token, load_or_make_admin_token(*disk_, *writer_.random, setup_.data, &made));
  guard_ = std::make_unique<api::Guard>(admin_.get(), std::move(token));
  loopback_ = std::make_unique<api::HttpServer>(env_of(lanes_.front()), guard_.get());
  TRY_VOID(loopback_->start(*setup_.admin_http));
  guard_->listens_on(loopback_->local().port);
  const std::string path = admin_token_path(setup_.data);
  log("info", fmt::format("admin on http://{}, for who shows the token in {}", loopback_->local().text(), path));
  if (made)
    log("info", fmt::format("a new token was made: curl -H \"Authorization: Bearer $(cat {})\" http://{}/v1/status", path,
                            loopback_->local().text()));
  return {};
}

void Service::start_alerts() {
  AlertSetup setup;
  setup.plan = bound_;
  setup.engine = engine_.get();
  setup.store = store_.get();
  setup.first = &lanes_.front().reactor->executor();
  setup.gate = &gate_;
  setup.disk = disk_.get();
  setup.clock = clock_.get();
  setup.data = setup_.data;
  setup.reserve_bytes = setup_.store.reserve_bytes;
  setup.environment = setup_.environment;
  setup.contacts = setup_.contacts;
  setup.mail_server = setup_.mail_server;
  setup.mail_from = setup_.mail_from;
  setup.tables = [this] { return tables_->states(); };
  setup.log = [this](std::string_view level, std::string_view text) { log(level, text); };
  alerts_ = std::make_unique<Alerts>(std::move(setup));
  alerts_->start();
}

env::Task<void> Service::stop(int exit_code) {
  if (stopping_) co_return;
  stopping_ = true;
  const SteadyTime now = lanes_.front().reactor->executor().now();
  const auto drain = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(setup_.drain_seconds));
  if (store_ != nullptr && store_->acts() != nullptr) store_->acts()->end_replays();
  if (server_) co_await server_->stop();
  if (loopback_) co_await loopback_->stop();
  if (alerts_) co_await alerts_->stop();
  auto stopped = co_await engine_->stop(now + drain);
  if (!stopped && exit_code == kFine) {
    log("error", stopped.error().describe());
    exit_code = kEnvironment;
  }
  log("info", "stopped");
  ended_.set_value(exit_code);
}

void Service::on_signal(int number) {
  if (number == SIGHUP) {
    log("info", "SIGHUP: certificates, keys and tables that reload are read again; a new plan takes effect at the next start");
    if (started_ && !stopping_) certificates_->look_now();
    if (started_ && !stopping_) tables_->look_now();
    return;
  }
  if (!started_ || stopping_) {  // asked twice, or before there is anything to drain
    log("info", "ended without draining; what was acknowledged is stored");
    ::_exit(kFine);
  }
  log("info", "draining");
  gate_.spawn(stop(kFine));
}

void Service::on_store_failure(const Error& error) {
  // Nothing that is not durable may be acknowledged from here on, and nothing is tried again: the next start reads what is
  // there.
  log("error", "the store has failed, the service ends: " + error.describe());
  ::_exit(kEnvironment);
}

env::Task<observe::ServiceStatus> Service::service_status() {
  const flow::EngineSnapshot snapshot = co_await engine_->snapshot();
  auto kept = co_await store_->status();
  observe::ServiceStatus picture = picture_of(snapshot, kept ? *kept : store::StoreStatus{});
  picture.plan = to_hex(bound_->digest());
  picture.environment = setup_.environment;
  picture.draining = picture.draining || stopping_;
  const transport::IntakeMemoryStatus receiving = memory_->status();
  picture.receiving = {setup_.memory, receiving.growing, receiving.whole, receiving.waiting, receiving.spooled};
  picture.certificates = certificates_->states();
  picture.tables = tables_->states();
  std::vector<observe::AlertStatus> alerts = co_await alerts_->states();
  picture.alerts = std::move(alerts);
  co_return picture;
}

int Service::run() {
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  if (auto ready = open(); !ready) {
    log("error", ready.error().describe());
    writer_.reactor->stop();
    return start_error_;
  }
  for (unsigned i = 0; i < setup_.reactors; ++i) {
    lanes_.emplace_back();
    if (i == 0) lanes_.front().reactor->on_signal([this](int number) { on_signal(number); });
  }
  for (unsigned i = 0; i < setup_.reactors; ++i) lanes_[i].reactor->start(fmt::format("reactor {}", i));
  auto ended = ended_.get_future();
  lanes_.front().reactor->executor().post([this] { gate_.spawn(start()); });
  const int code = ended.get();
  // Frames that still wait (a failed start) must not outlive the threads that run them.
  if (!started_) {
    std::fflush(stderr);
    ::_exit(code);
  }
  std::promise<void> idle;
  lanes_.front().reactor->executor().post([&] { idle.set_value(); });
  idle.get_future().wait();
  alerts_.reset();
  certificates_->stop();
  tables_->stop();
  for (Lane& lane : lanes_) lane.reactor->stop();
  writer_.reactor->stop();
  return code;
}

}  // namespace

int run_service(ServiceSetup setup) {
  Service service(std::move(setup));
  return service.run();
}

}  // namespace smarthl7::app

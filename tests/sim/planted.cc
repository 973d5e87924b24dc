// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/planted.h"

#include "runtime/transport/mllp/mllp.h"
#include "tests/sim/planted_store.h"

namespace smarthl7::sim {

namespace {

// ---- a disk that hides a failed sync
// ------------------------------------------------------------------------------------------

class HidingFile final : public env::File {
 public:
  explicit HidingFile(std::unique_ptr<env::File> inner) : inner_(std::move(inner)) {}
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override { return inner_->read_at(offset, into); }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override { return inner_->write_at(offset, bytes); }
  Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    return inner_->write_at(offset, pieces);
  }
  env::Task<Result<void>> sync() override {
    Result<void> synced = co_await inner_->sync();
    (void)synced;  // the bug
    co_return Result<void>{};
  }
  Result<void> sync_now() override {
    (void)inner_->sync_now();
    return {};
  }
  Result<std::uint64_t> size() override { return inner_->size(); }
  Result<void> truncate(std::uint64_t size) override { return inner_->truncate(size); }
  void preallocate(std::uint64_t size) override { inner_->preallocate(size); }

 private:
  std::unique_ptr<env::File> inner_;
};

class HidingDisk final : public env::Disk {
 public:
  explicit HidingDisk(env::Disk& inner) : inner_(inner) {}
  Result<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override {
    TRY(auto file, inner_.open(path, mode));
    return std::unique_ptr<env::File>(std::make_unique<HidingFile>(std::move(file)));
  }
  Result<bool> exists(const std::string& path) override { return inner_.exists(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return inner_.list(folder); }
  Result<void> make_folder(const std::string& path) override { return inner_.make_folder(path); }
  Result<void> remove(const std::string& path) override { return inner_.remove(path); }
  Result<void> rename(const std::string& from, const std::string& to) override { return inner_.rename(from, to); }
  Result<void> sync_folder(const std::string& path) override { return inner_.sync_folder(path); }
  Result<std::unique_ptr<env::DiskLock>> lock(const std::string& path) override { return inner_.lock(path); }
  Result<std::uint64_t> free_bytes(const std::string& folder) override { return inner_.free_bytes(folder); }
  [[nodiscard]] std::uint64_t syncs() const override { return inner_.syncs(); }
  [[nodiscard]] std::uint64_t bytes_written() const override { return inner_.bytes_written(); }

 private:
  env::Disk& inner_;
};

// ---- a connection that is used again after an answer did not come
// -------------------------------------------------------------

class ReusedConnection final : public transport::Destination {
 public:
  explicit ReusedConnection(std::unique_ptr<transport::Destination> inner) : inner_(std::move(inner)) {}

  env::Task<Result<void>> connect(SteadyTime deadline) override {
    closed_ = false;
    if (inner_->connected()) co_return Result<void>{};
    Result<void> connected = co_await inner_->connect(deadline);
    co_return connected;
  }
  [[nodiscard]] bool connected() const override { return !closed_ && inner_->connected(); }
  env::Task<transport::Sent> send(SharedBytes message, SteadyTime answer_deadline) override {
    transport::Sent sent = co_await inner_->post(std::move(message), answer_deadline);
    if (sent.outcome != transport::Sent::Outcome::written) co_return sent;
    transport::Sent answer = co_await await_more_answer(answer_deadline);
    co_return answer;
  }
  env::Task<transport::Sent> await_more_answer(SteadyTime deadline) override {
    transport::Sent answer = co_await inner_->listen(deadline);
    silent_ = answer.outcome == transport::Sent::Outcome::quiet;
    if (!silent_) co_return answer;
    answer.outcome = transport::Sent::Outcome::unknown;
    answer.error = Error{ErrorCode::timeout, "no answer in time", nullptr};
    co_return answer;
  }
  env::Task<transport::Sent> post(SharedBytes message, SteadyTime deadline) override {
    return inner_->post(std::move(message), deadline);
  }
  env::Task<transport::Sent> listen(SteadyTime deadline) override { return inner_->listen(deadline); }
  void interrupt() override { inner_->interrupt(); }
  void close() override {
    closed_ = true;
    if (!silent_) inner_->close();  // else it stays open: the bug
  }
  [[nodiscard]] const std::string& address() const override { return inner_->address(); }

 private:
  std::unique_ptr<transport::Destination> inner_;
  bool closed_ = false;
  bool silent_ = false;
};

class ReusingTransport final : public transport::Transport {
 public:
  [[nodiscard]] std::string_view name() const override { return inner_->name(); }
  Result<std::unique_ptr<transport::Source>> make_source(const transport::Options& options, transport::EnvSet envs,
                                                         transport::Receiver* receiver) const override {
    return inner_->make_source(options, std::move(envs), receiver);
  }
  Result<std::unique_ptr<transport::Destination>> make_destination(const transport::Options& options,
                                                                   env::Env env) const override {
    TRY(auto made, inner_->make_destination(options, env));
    return std::unique_ptr<transport::Destination>(std::make_unique<ReusedConnection>(std::move(made)));
  }

 private:
  std::unique_ptr<transport::Transport> inner_ = transport::mllp::make_transport();
};

}  // namespace

std::string_view name_of(PlantedBug bug) {
  switch (bug) {
    case PlantedBug::none: return "none";
    case PlantedBug::early_acknowledgement: return "early_acknowledgement";
    case PlantedBug::dropped_wake_up: return "dropped_wake_up";
    case PlantedBug::reordered_retry: return "reordered_retry";
    case PlantedBug::late_dedup_key: return "late_dedup_key";
    case PlantedBug::late_answer_taken: return "late_answer_taken";
    case PlantedBug::hidden_failed_sync: return "hidden_failed_sync";
  }
  return "?";
}

std::optional<PlantedBug> planted_bug(std::string_view name) {
  for (const PlantedBug bug : kPlantedBugs)
    if (name_of(bug) == name) return bug;
  return std::nullopt;
}

Planted::Planted(PlantedBug bug, World& world) : bug_(bug) {
  if (bug != PlantedBug::none) memory_ = std::make_shared<Memory>(world);
}

Planted::~Planted() = default;

void Planted::into(HubSetup& setup) {
  using Inner = std::unique_ptr<store::Store>;
  switch (bug_) {
    case PlantedBug::none: break;
    case PlantedBug::early_acknowledgement: setup.wrap = [](Inner inner) { return make_eager_store(std::move(inner)); }; break;
    case PlantedBug::dropped_wake_up:
      setup.wrap = [memory = memory_](Inner inner) { return make_forgetful_store(std::move(inner), memory); };
      break;
    case PlantedBug::reordered_retry: setup.wrap = [](Inner inner) { return make_reordering_store(std::move(inner)); }; break;
    case PlantedBug::late_dedup_key:
      setup.wrap = [memory = memory_](Inner inner) { return make_late_key_store(std::move(inner), memory); };
      break;
    case PlantedBug::late_answer_taken:
      transport_ = std::make_unique<ReusingTransport>();
      setup.transports = {transport_.get()};
      break;
    case PlantedBug::hidden_failed_sync:
      setup.wrap_disk = [](env::Disk& inner) { return std::make_unique<HidingDisk>(inner); };
      break;
  }
}

/// What a bug's store does not know of, and the words by which its history is broken as it must be.
Scenario fit_for(PlantedBug bug, Scenario scenario) {
  if (bug == PlantedBug::early_acknowledgement || bug == PlantedBug::late_dedup_key)
    for (const Part part : {Part::respond, Part::delivered, Part::batch, Part::conflicts}) scenario.leave_out(part);
  return scenario;
}

bool is_found(PlantedBug bug, const std::vector<std::string>& broken) {
  const auto says = [&](std::string_view words) {
    for (const std::string& text : broken)
      if (text.find(words) != std::string::npos) return true;
    return false;
  };
  switch (bug) {
    case PlantedBug::none: return !broken.empty();
    case PlantedBug::early_acknowledgement: return says("lost: acknowledged");
    case PlantedBug::dropped_wake_up: return says("the history does not end") || says("nothing is left to happen");
    case PlantedBug::reordered_retry: return says(": reached ") && says(" before ");
    case PlantedBug::late_dedup_key: return says("taken twice by the hub") || says("a copy got another");
    case PlantedBug::late_answer_taken: return says(", and never taken by ");
    case PlantedBug::hidden_failed_sync: return says("after a failed sync") || says("lost: acknowledged");
  }
  return false;
}

}  // namespace smarthl7::sim

// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/testing/harness.h"

#include <unistd.h>

#include <filesystem>

namespace smarthl7::store {

namespace {

class FaultyFile final : public env::File {
 public:
  FaultyFile(std::unique_ptr<env::File> real, FaultyDisk& disk, std::string path)
      : real_(std::move(real)), disk_(disk), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) override {
    TRY_VOID(disk_.check(FaultyDisk::Operation::read, path_));
    return real_->read_at(offset, into);
  }
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    return write_at(offset, std::span<const std::string_view>(&bytes, 1));
  }
  Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    const auto allowed = disk_.check(FaultyDisk::Operation::write, path_);
    if (allowed) return real_->write_at(offset, pieces);
    std::string all;
    for (const std::string_view piece : pieces) all += piece;
    all.resize(std::min(all.size(), disk_.torn_bytes));
    if (!all.empty()) static_cast<void>(real_->write_at(offset, std::string_view(all)));
    return allowed;
  }
  env::Task<Result<void>> sync() override { co_return sync_now(); }
  Result<void> sync_now() override {
    TRY_VOID(disk_.check(FaultyDisk::Operation::sync, path_));
    return {};  // a test's crash is not a power cut: the page cache stays
  }
  Result<std::uint64_t> size() override { return real_->size(); }
  Result<void> truncate(std::uint64_t size) override {
    TRY_VOID(disk_.check(FaultyDisk::Operation::truncate, path_));
    return real_->truncate(size);
  }
  void preallocate(std::uint64_t) override {}

 private:
  std::unique_ptr<env::File> real_;
  FaultyDisk& disk_;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<env::File>> FaultyDisk::open(const std::string& path, env::OpenMode mode) {
  TRY_VOID(check(Operation::open, path));
  TRY(auto file, real_->open(path, mode));
  return std::make_unique<FaultyFile>(std::move(file), *this, path);
}

World::World() {
  std::string pattern = testing::TempDir() + "smarthl7-store-XXXXXX";
  folder = ::mkdtemp(pattern.data());
}

World::~World() {
  crash();
  std::filesystem::remove_all(folder);
}

StoreOptions World::options() const {
  StoreOptions options;
  options.folder = folder + "/data";
  options.background_thread = false;
  return options;
}

Result<void> World::open(StoreOptions given) {
  TRY(store, open_store(std::move(given), environment()));
  store->on_failure([this](Error error) { failure = std::move(error); });
  executor.run();
  return {};
}

void World::crash() {
  executor.clear();
  gate = std::make_unique<env::Gate>();
  store.reset();
  executor.clear();
}

NewMessage message(const std::string& body, std::vector<NewDelivery> deliveries) {
  NewMessage message;
  message.source = "lab";
  message.connection = 1;
  message.received_at = WallTime(std::chrono::days(20000));
  message.body = SharedBytes(body);
  message.type = "ORU^R01";
  message.control_id = "id of " + body.substr(0, 20);
  message.acknowledgement = SharedBytes("AA " + body.substr(0, 20));
  message.conflict_acknowledgement = SharedBytes("AE " + body.substr(0, 20));
  FlowEffects flow;
  flow.flow = "f";
  flow.deliveries = std::move(deliveries);
  message.flows.push_back(std::move(flow));
  return message;
}

NewDelivery to(DestinationId destination, std::vector<std::uint64_t> keys) {
  return {destination, std::move(keys), std::nullopt};
}

Outcome accepted(DeliveryId id) {
  Outcome outcome;
  outcome.delivery = id;
  outcome.answer = "AA";
  return outcome;
}

Outcome refused(DeliveryId id, const std::string& reason) {
  Outcome outcome;
  outcome.delivery = id;
  outcome.kind = OutcomeKind::dead;
  outcome.reason = reason;
  outcome.answer = "AR";
  outcome.attempts = 3;
  return outcome;
}

}  // namespace smarthl7::store

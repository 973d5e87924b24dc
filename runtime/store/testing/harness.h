// SPDX-License-Identifier: Apache-2.0
// What the store's tests share: a scratch folder, an environment driven by hand, a disk that fails when told, a sink that
// notes. Threads: one. Lifetime: a World outlives the stores opened in it.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "runtime/env/completion.h"
#include "runtime/env/gate.h"
#include "runtime/env/real/real.h"
#include "runtime/env/testing/manual_executor.h"
#include "runtime/store/store.h"

namespace smarthl7::store {

class TestClock final : public env::Clock {
 public:
  [[nodiscard]] WallTime wall() const override { return now; }
  WallTime now{std::chrono::days(20000)};
};

class TestRandom final : public env::Random {
 public:
  std::uint64_t next() override { return state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL; }

 private:
  std::uint64_t state_ = 42;
};

class NoNetwork final : public env::Network {
 public:
  env::Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint, SteadyTime) override {
    co_return fail(ErrorCode::unreachable, "no network");
  }
  Result<std::unique_ptr<env::Listener>> listen(const env::Endpoint&) override {
    return fail(ErrorCode::refused, "no network");
  }
  Result<std::unique_ptr<env::Stream>> adopt(std::unique_ptr<env::Incoming>) override {
    return fail(ErrorCode::refused, "no network");
  }
};

/// A real disk whose n-th operation fails, or which is full, or which tears a write.
class FaultyDisk final : public env::Disk {
 public:
  enum class Operation { open, write, sync, truncate, remove, rename, sync_folder, read };
  FaultyDisk() : real_(env::make_real_disk()) {}

  /// Called before each operation; an Error returned is what the operation says.
  std::function<std::optional<Error>(Operation, const std::string& path)> fault;
  std::uint64_t operations = 0;
  std::uint64_t free_space = 1ULL << 40;
  /// Of a write that fails, this much reaches the file all the same.
  std::size_t torn_bytes = 0;

  Result<void> check(Operation operation, const std::string& path) {
    ++operations;
    if (!fault) return {};
    if (auto error = fault(operation, path)) return std::unexpected(std::move(*error));
    return {};
  }

  Result<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode mode) override;
  Result<bool> exists(const std::string& path) override { return real_->exists(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return real_->list(folder); }
  Result<void> make_folder(const std::string& path) override { return real_->make_folder(path); }
  Result<void> remove(const std::string& path) override {
    TRY_VOID(check(Operation::remove, path));
    return real_->remove(path);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    TRY_VOID(check(Operation::rename, from));
    return real_->rename(from, to);
  }
  Result<void> sync_folder(const std::string& path) override {
    TRY_VOID(check(Operation::sync_folder, path));
    return real_->sync_folder(path);
  }
  Result<std::unique_ptr<env::DiskLock>> lock(const std::string& path) override { return real_->lock(path); }
  Result<std::uint64_t> free_bytes(const std::string&) override { return free_space; }
  [[nodiscard]] std::uint64_t syncs() const override { return real_->syncs(); }
  [[nodiscard]] std::uint64_t bytes_written() const override { return real_->bytes_written(); }

 private:
  std::unique_ptr<env::Disk> real_;
};

struct World {
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] env::Env environment() { return {executor, network, disk, clock, random}; }
  [[nodiscard]] StoreOptions options() const;
  Result<void> open() { return open(options()); }
  Result<void> open(StoreOptions options);
  /// As a crash of the process does: nothing more is written, what waits is forgotten.
  void crash();

  /// Runs until the task has ended (time moves when nothing else can happen).
  template <class T>
  T wait(env::Task<T> task);
  /// Runs until nothing happens for `idle` of time.
  void settle(std::chrono::milliseconds idle = std::chrono::milliseconds(50)) { executor.advance(idle); }

  std::string folder;
  env::ManualExecutor executor;
  NoNetwork network;
  FaultyDisk disk;
  TestClock clock;
  TestRandom random;
  std::optional<Error> failure;
  std::unique_ptr<env::Gate> gate = std::make_unique<env::Gate>();
  std::unique_ptr<Store> store;
};

class NotingSink final : public DestinationSink {
 public:
  void on_released(std::vector<Released> batch) override {
    for (Released& one : batch) released.push_back(std::move(one));
  }
  void on_durable(std::size_t outcomes) override { durable += outcomes; }
  void on_response(MessageId message, const Response& response) override { responses.emplace_back(message, response); }
  std::deque<Released> released;
  std::vector<std::pair<MessageId, Response>> responses;
  std::size_t durable = 0;
};

template <class T>
env::Task<void> keep_result(env::Task<T> task, std::optional<T>* out) {
  T value = co_await std::move(task);
  out->emplace(std::move(value));
}

template <class T>
T World::wait(env::Task<T> task) {
  std::optional<T> out;
  executor.post([&] { gate->spawn(keep_result(std::move(task), &out)); });
  for (int i = 0; i < 1'000'000 && !out; ++i) {
    if (executor.run() == 0 && !out && !executor.run_next_timer()) break;
  }
  SMARTHL7_ASSERT(out.has_value(), "the task ends");
  return std::move(*out);
}

/// A message with one flow "f" and no claim.
[[nodiscard]] NewMessage message(const std::string& body, std::vector<NewDelivery> deliveries = {});
[[nodiscard]] NewDelivery to(DestinationId destination, std::vector<std::uint64_t> keys = {});
[[nodiscard]] Outcome accepted(DeliveryId id);
[[nodiscard]] Outcome refused(DeliveryId id, const std::string& reason);

}  // namespace smarthl7::store

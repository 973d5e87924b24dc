// SPDX-License-Identifier: Apache-2.0
// The store's calls other than accept: they run on the caller's executor and wait for the writer or the state.
#include "runtime/store/writer.h"

namespace smarthl7::store {

namespace {
std::unexpected<Error> stopped() { return fail(ErrorCode::stopped, "the store has stopped"); }
}  // namespace

env::Task<Result<DestinationId>> Writer::open_destination(DestinationOptions options, DestinationSink* sink) {
  if (refusing_.load(std::memory_order_acquire)) co_return stopped();
  if (options.lanes == 0 || options.name.empty()) co_return fail(ErrorCode::invalid, "a destination needs a name and a lane");
  env::Completion<Result<DestinationId>> done;
  OpenRequest request{std::move(options), sink, env::Executor::current(), &done, 0};
  command([this, &request] { opens_.push_back(&request); });
  auto result = co_await done;
  co_return result;
}

// The sink's executor says when it has seen all that was posted to it before.
env::Task<Result<void>> Writer::close_destination(DestinationId id) {
  env::Completion<Result<void>> done;
  command([this, id, &done] {
    Destination* const destination = lanes_.find(id);
    if (destination == nullptr) return done.complete(fail(ErrorCode::not_found, "there is no such destination"));
    env::Executor* const home = std::exchange(destination->home, nullptr);
    destination->sink = nullptr;
    if (home == nullptr) return done.complete({});
    home->post([&done] { done.complete({}); });
  });
  auto result = co_await done;
  co_return result;
}

DestinationStatus Writer::status_of(const Destination& destination) const {
  const auto open = [&](const std::map<std::string, std::uint64_t>& counts) {
    const auto at = counts.find(destination.name);
    return at == counts.end() ? 0 : at->second;
  };
  return {destination.name, destination.queued,       destination.released, destination.delivered,
          destination.dead, destination.queued_bytes, open(open_letters_),  open(open_ambiguities_)};
}

env::Task<Result<std::vector<DestinationStatus>>> Writer::queued_destinations() {
  env::Completion<Result<std::vector<DestinationStatus>>> done;
  command([this, &done] {
    std::vector<DestinationStatus> all;
    for (const auto& destination : lanes_.all())
      if (destination->queued > 0) all.push_back(status_of(*destination));
    done.complete(std::move(all));
  });
  auto result = co_await done;
  co_return result;
}

/// A file that has gone, or cannot be read now, counts as nothing. Older segments are looked at once.
std::uint64_t Writer::disk_bytes() {
  const auto names = env_.disk.list(options_.folder);
  if (!names) return 0;
  const std::string current = segment_name(segment_of(journal_.at()));
  std::map<std::string, std::uint64_t> whole;
  std::uint64_t sum = 0;
  for (const std::string& name : *names) {
    const bool fixed = name.starts_with("journal-") && name < current;
    if (!fixed && name != current && !name.starts_with("state.db") && !name.starts_with("keys-")) continue;
    std::uint64_t size = 0;
    if (const auto known = whole_files_.find(name); fixed && known != whole_files_.end()) {
      size = known->second;
    } else if (auto file = env_.disk.open(options_.folder + "/" + name, env::OpenMode::read)) {
      size = (*file)->size().value_or(0);
    }
    if (fixed) whole[name] = size;
    sum += size;
  }
  whole_files_ = std::move(whole);
  return sum;
}

/// Bytes that may still be written. With a bound of its own, the folder is measured anew for each few MiB of journal.
std::optional<std::uint64_t> Writer::room() {
  constexpr std::uint64_t kMeasureEvery = 4ULL << 20;
  const auto free = env_.disk.free_bytes(options_.folder);
  if (!free) return std::nullopt;
  if (options_.most_bytes == 0) return *free;
  const Location at = journal_.at();
  if (used_at_ == 0 || segment_of(at) != segment_of(used_at_) || at - used_at_ > kMeasureEvery) {
    used_bytes_ = disk_bytes();
    used_at_ = at;
  }
  const std::uint64_t used = used_bytes_ + (at - used_at_);
  return std::min(*free, options_.most_bytes > used ? options_.most_bytes - used : 0);
}

/// The less room there is, the longer the next messages wait for their commit, and their senders for the acknowledgement, while
/// deliveries go on: the disk need not become full because a receiver was down for a while.
void Writer::brake() {
  constexpr std::chrono::milliseconds kMost{500};
  const std::uint64_t begins = 4 * options_.reserve_bytes;
  if (!room_ || *room_ >= begins) return;
  const double missing = static_cast<double>(begins - *room_) / static_cast<double>(begins - options_.reserve_bytes);
  braked_until_ = env_.executor.now() + std::chrono::duration_cast<std::chrono::nanoseconds>(kMost * missing);
}

env::Task<Result<StoreStatus>> Writer::status() {
  env::Completion<Result<StoreStatus>> done;
  command([this, &done] {
    StoreStatus status;
    status.messages = totals_.messages;
    status.rejected = totals_.rejected;
    status.duplicates = totals_.duplicates;
    status.conflicts = totals_.conflicts;
    status.dead = totals_.dead;
    status.dropped = totals_.dropped;
    status.commits = commits_;
    for (const auto& [name, count] : open_letters_) status.dead_letters += count;
    std::copy(group_sizes_.begin(), group_sizes_.end(), std::begin(status.group_sizes));
    if (const auto free = env_.disk.free_bytes(options_.folder)) status.free_bytes = *free;
    status.disk_bytes = disk_bytes();
    status.notes = notes_;
    for (const auto& destination : lanes_.all()) status.destinations.push_back(status_of(*destination));
    done.complete(std::move(status));
  });
  auto result = co_await done;
  co_return result;
}

env::Task<Result<std::vector<MessageRow>>> Writer::messages(MessageFilter filter) {
  const std::uint64_t control = filter.control_id ? keyed_hash(manifest_.hash_key, *filter.control_id).low : 0;
  std::function<Result<std::vector<MessageRow>>(State&)> question = [&filter, control](State& state) {
    return state.messages(filter, control);
  };
  auto result = co_await ask(std::move(question));
  co_return result;
}

env::Task<Result<Trace>> Writer::trace(MessageId id) {
  std::function<Result<Trace>(State&)> question = [id](State& state) { return state.trace(id); };
  auto result = co_await ask(std::move(question));
  co_return result;
}

env::Task<Result<std::vector<DeliveryState>>> Writer::deliveries(MessageId id) {
  std::function<Result<std::vector<DeliveryState>>(State&)> question = [id](State& state) { return state.deliveries(id); };
  auto result = co_await ask(std::move(question));
  co_return result;
}

env::Task<Result<std::vector<DeadLetter>>> Writer::dead_letters(std::optional<std::string> destination, MessageId after,
                                                                std::uint32_t limit) {
  std::function<Result<std::vector<DeadLetter>>(State&)> question = [&destination, after, limit](State& state) {
    return state.dead_letters(destination, after, limit);
  };
  auto result = co_await ask(std::move(question));
  co_return result;
}

env::Task<Result<std::vector<Ambiguity>>> Writer::ambiguities(std::optional<std::string> destination, MessageId after,
                                                              std::uint32_t limit) {
  std::function<Result<std::vector<Ambiguity>>(State&)> question = [&destination, after, limit](State& state) {
    return state.ambiguities(destination, after, limit);
  };
  auto result = co_await ask(std::move(question));
  co_return result;
}

env::Task<Result<std::vector<AuditRecord>>> Writer::audit(std::uint64_t after, std::uint32_t limit) {
  std::function<Result<std::vector<AuditRecord>>(State&)> question = [after, limit](State& state) {
    return state.audit(after, limit);
  };
  auto result = co_await ask(std::move(question));
  co_return result;
}

// Found, then recorded durably, then read: nobody sees a body without a record of it.
env::Task<Result<SharedBytes>> Writer::read_body(MessageId id, std::optional<std::uint32_t> delivery, AuditRecord record) {
  std::function<Result<BodyPlace>(State&)> where = [id, delivery](State& state) { return state.find_body(id, delivery); };
  auto place = co_await ask(std::move(where));
  if (!place) co_return std::unexpected(place.error());
  env::Completion<Result<void>> recorded;
  AuditRequest request{std::move(record), id, &recorded};
  command([this, &request] { audits_.push_back(&request); });
  auto durable = co_await recorded;
  if (!durable) co_return std::unexpected(durable.error());
  std::function<Result<SharedBytes>(State&)> read = [at = *place](State& state) { return state.read_body(at); };
  auto body = co_await ask(std::move(read));
  co_return body;
}

env::Task<Result<void>> Writer::record(AuditRecord record) {
  env::Completion<Result<void>> recorded;
  AuditRequest request{std::move(record), 0, &recorded};
  if (refusing_.load(std::memory_order_acquire)) co_return fail(ErrorCode::stopped, "the store has stopped");
  command([this, &request] { audits_.push_back(&request); });
  auto durable = co_await recorded;
  co_return durable;
}

env::Task<Result<void>> Writer::close() {
  if (refusing_.load(std::memory_order_acquire) && !upkeep_->submit([](State&) {})) co_return Result<void>{};  // closed before
  env::Completion<Result<void>> done;
  command([this, &done] { closing_ = &done; });
  auto result = co_await done;
  co_return result;
}

void Writer::on_failure(std::function<void(Error)> handler) {
  command([this, handler = std::move(handler)]() mutable {
    on_failure_ = std::move(handler);
    if (failure_ && on_failure_) on_failure_(*failure_);
  });
}

Result<std::unique_ptr<Store>> open_store(StoreOptions options, env::Env writer) {
  while (options.folder.size() > 1 && options.folder.ends_with('/')) options.folder.pop_back();
  TRY_VOID(writer.disk.make_folder(options.folder));
  auto lock = writer.disk.lock(options.folder + "/lock");
  if (!lock) {
    if (lock.error().code == ErrorCode::exists)
      return fail(ErrorCode::exists, "the data folder " + options.folder + " is in use by another process", lock.error());
    return std::unexpected(lock.error());
  }
  TRY(const Manifest manifest, read_or_make_manifest(writer, options.folder));
  TRY(auto state, State::open(writer, options.folder));
  auto store = std::make_unique<Writer>(std::move(options), writer, std::move(*lock), manifest);
  TRY_VOID(store->recover(std::move(state)));
  store->start();
  return store;
}

}  // namespace smarthl7::store

// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/table_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "runtime/app/service/file_stamp.h"
#include "runtime/env/completion.h"

namespace smarthl7::app {
namespace {

using namespace std::chrono_literals;

/// A file is read when two looks found it the same: one that is being written is left alone.
constexpr auto kLookEvery = 500ms;
constexpr auto kTick = 100ms;  // more than one of any file system's clock

constexpr std::string_view kHub = "the hub";

}  // namespace

struct TableKeeper::Kept {
  TableFile file;
  std::string copy;  // in the data folder: the last version that was taken
  FileStamp tried;   // the file as it was when it was last read, taken or not
  FileStamp seen;    // ... and at the last look
  Sha256 digest{};   // of the version in use
  bool in_trouble = false;
  bool to_record = false;  // the start found another version than the run before had
  std::string before;      // its version
  std::shared_ptr<eval::TableVersion> loaded;
  std::unique_ptr<env::File> fresh;  // the next copy, while it is written
  observe::TableStatus shown;
};

struct TableKeeper::Request {
  std::string name;
  std::string actor;
  env::Completion<Result<std::vector<observe::TableReload>>>* done = nullptr;  // null: SIGHUP
};

TableKeeper::TableKeeper(TableKeeperSetup setup, const plan::Plan& plan) : setup_(std::move(setup)) {
  for (TableFile& file : reloading_tables(plan, setup_.folder)) {
    auto kept = std::make_unique<Kept>();
    kept->copy = fmt::format("{}/tables/{}.csv", setup_.data, file.name);
    kept->shown.name = file.name;
    kept->shown.file = file.shown;
    kept->shown.reload = file.reload == plan::TableReload::when_changed ? "when changed" : "when told";
    kept->file = std::move(file);
    all_.push_back(std::move(kept));
  }
}

TableKeeper::~TableKeeper() { stop(); }

void TableKeeper::show(Kept& kept, const eval::TableVersion& version) {
  kept.digest = version.digest;
  kept.in_trouble = false;
  const std::lock_guard lock(mutex_);
  kept.shown.version = version_text(version.digest);
  kept.shown.since = version.since;
  kept.shown.rows = version.rows.rows();
  kept.shown.bytes = version.rows.bytes();
  kept.shown.trouble.clear();
}

void TableKeeper::refuse(Kept& kept, const std::string& trouble) {
  const bool known = kept.in_trouble && kept.shown.trouble == trouble;
  kept.in_trouble = true;
  ++kept.shown.refused;
  {
    const std::lock_guard lock(mutex_);
    kept.shown.trouble = trouble;
  }
  if (!known)
    setup_.log("warning", fmt::format("table {}: the new file is not used, version {} goes on: {}", kept.file.name,
                                      kept.shown.version, trouble));
}

Result<std::map<std::string, std::shared_ptr<const eval::TableVersion>>> TableKeeper::load() {
  std::map<std::string, std::shared_ptr<const eval::TableVersion>> out;
  if (!all_.empty()) TRY_VOID(setup_.disk->make_folder(setup_.data + "/tables"));
  for (const auto& kept : all_) {
    kept->tried = kept->seen = stamp_of(kept->file.path);
    const WallTime now = setup_.clock->wall();
    const auto before = digest_of_file(*setup_.disk, kept->copy);
    if (before) kept->before = version_text(*before);
    auto version = read_table(*setup_.disk, kept->file, kept->file.path, now, nullptr);
    std::string trouble;
    if (!version) {
      trouble = version.error().describe();
      auto copied = read_table(*setup_.disk, kept->file, kept->copy, now, nullptr);
      if (!copied)
        return fail(version.error().code, fmt::format("table `{}`, of which no earlier version is kept", kept->file.name),
                    version.error());
      version = std::move(copied);
    }
    show(*kept, **version);
    if (!trouble.empty()) refuse(*kept, trouble);
    kept->to_record = kept->before != version_text((*version)->digest);
    kept->loaded = *version;
    out.emplace(kept->file.name, std::move(*version));
  }
  return out;
}

void TableKeeper::start(std::shared_ptr<const eval::BoundPlan> plan, store::Store& store) {
  if (all_.empty()) return;
  plan_ = std::move(plan);
  store_ = &store;
  running_ = true;
  thread_->start("tables");
  thread_->executor().post([this] { gate_.spawn(watch()); });
}

void TableKeeper::stop() {
  if (!running_) return;
  running_ = false;
  thread_->executor().post([this] {
    stopping_ = true;
    changed_.notify_all();
  });
  ended_.get_future().wait();  // what is being read ends first
  std::promise<void> left;     // the frame ends in a job before this one
  thread_->executor().post([&] { left.set_value(); });
  left.get_future().wait();
  thread_->stop();
}

void TableKeeper::look_now() {
  if (!running_) return;
  thread_->executor().post([this] {
    requests_.push_back(new Request{{}, std::string(kHub) + ", told by SIGHUP", nullptr});
    changed_.notify_all();
  });
}

env::Task<Result<std::vector<observe::TableReload>>> TableKeeper::reload(std::string name, std::string actor) {
  const bool known =
      name.empty() ? running_ : std::ranges::any_of(all_, [&](const auto& kept) { return kept->file.name == name; });
  if (!known)
    co_return fail(ErrorCode::not_found, name.empty() ? "no table of the running plan is read again while it runs"
                                                      : "no table `" + name + "` that is read again while the hub runs");
  env::Completion<Result<std::vector<observe::TableReload>>> done;
  auto* const request = new Request{std::move(name), std::move(actor), &done};
  thread_->executor().post([this, request] {
    requests_.push_back(request);
    changed_.notify_all();
  });
  auto result = co_await done;
  co_return result;
}

std::vector<observe::TableStatus> TableKeeper::states() const {
  std::vector<observe::TableStatus> out;
  const std::lock_guard lock(mutex_);
  for (const auto& kept : all_) out.push_back(kept->shown);
  return out;
}

env::Task<void> TableKeeper::watch() {
  co_await record_start();
  while (!stopping_) {
    const SteadyTime next = env::Executor::current()->now() + kLookEvery;
    if (requests_.empty()) co_await changed_.wait(next);
    if (stopping_) break;
    if (requests_.empty()) {
      co_await look();
      continue;
    }
    const std::unique_ptr<Request> request(requests_.front());
    requests_.erase(requests_.begin());
    co_await serve(*request);
  }
  for (Request* const request : std::exchange(requests_, {})) {
    if (request->done != nullptr) request->done->complete(fail(ErrorCode::stopped, "the hub stops"));
    delete request;
  }
  ended_.set_value();
}

/// The first copy of each, and a record of what changed while the hub was down. It did not wait for messages: what they were
/// looked up in stands in their traces.
env::Task<void> TableKeeper::record_start() {
  for (const auto& kept : all_) {
    std::shared_ptr<eval::TableVersion> version = std::exchange(kept->loaded, nullptr);
    if (!kept->to_record) continue;
    // Read again for the copy: if it is another one by now, the next look takes it.
    auto again = read_with_copy(*kept);
    Result<void> done;
    if (!again) done = std::unexpected(again.error());
    if (done && (*again)->digest == version->digest) {
      Result<void> kept_now = co_await keep(*kept);
      done = std::move(kept_now);
    }
    if (done) {
      store::AuditRecord record{
          setup_.clock->wall(), std::string(kHub), "table",
          fmt::format("{} version {}, {} rows, at the start; before: {}", kept->file.name, version_text(version->digest),
                      version->rows.rows(), kept->before.empty() ? "none" : kept->before)};
      Result<void> recorded = co_await store_->record(std::move(record));
      done = std::move(recorded);
    }
    if (!done)
      setup_.log("warning", fmt::format("table {}: version {} is in use and could not be kept or recorded: {}", kept->file.name,
                                        version_text(version->digest), done.error().describe()));
  }
}

env::Task<void> TableKeeper::look() {
  for (const auto& kept : all_) {
    if (stopping_) co_return;
    if (kept->file.reload != plan::TableReload::when_changed) continue;
    const FileStamp now = stamp_of(kept->file.path);
    const bool calm = now == std::exchange(kept->seen, now);
    if (now == kept->tried || !calm) continue;
    co_await read_again(*kept, std::string(kHub));
  }
}

env::Task<void> TableKeeper::serve(Request& request) {
  std::vector<observe::TableReload> out;
  for (const auto& kept : all_) {
    if (!request.name.empty() && kept->file.name != request.name) continue;
    observe::TableReload one = co_await read_again(*kept, request.actor);
    out.push_back(std::move(one));
  }
  if (request.done != nullptr) {
    request.done->complete(std::move(out));
  } else {
    setup_.log("info", fmt::format("{} tables were read again", out.size()));
  }
}

env::Task<observe::TableReload> TableKeeper::read_again(Kept& kept, std::string actor) {
  const bool by_person = actor != kHub;
  bool changed = false;
  Result<void> taken = co_await take(kept, actor, &changed);
  observe::TableReload out;
  out.name = kept.file.name;
  if (!taken) {
    out.refused = taken.error().describe();
    refuse(kept, out.refused);
    if (by_person) {  // what a person does is recorded, whatever came of it
      store::AuditRecord record{setup_.clock->wall(), std::move(actor), "table refused", kept.file.name + ": " + out.refused};
      Result<void> recorded = co_await store_->record(std::move(record));
      if (!recorded) setup_.log("warning", "a refused table could not be recorded: " + recorded.error().describe());
    }
  }
  out.changed = changed;
  out.version = kept.shown.version;
  out.rows = kept.shown.rows;
  co_return out;
}

/// What is read is written beside the copy on the way, so that what is kept is what was taken.
Result<std::shared_ptr<eval::TableVersion>> TableKeeper::read_with_copy(Kept& kept) {
  kept.fresh.reset();
  TRY(kept.fresh, setup_.disk->open(kept.copy + ".new", env::OpenMode::create));
  TRY_VOID(kept.fresh->truncate(0));
  return read_table(*setup_.disk, kept.file, kept.file.path, setup_.clock->wall(), kept.fresh.get());
}

/// Makes what read_with_copy() wrote the copy.
env::Task<Result<void>> TableKeeper::keep(Kept& kept) {
  const std::unique_ptr<env::File> fresh = std::move(kept.fresh);
  Result<void> synced = co_await fresh->sync();
  if (!synced) co_return synced;
  if (auto renamed = setup_.disk->rename(kept.copy + ".new", kept.copy); !renamed) co_return renamed;
  co_return setup_.disk->sync_folder(setup_.data + "/tables");
}

/// The copy is there, whole, before the version is used, and so is its record.
env::Task<Result<void>> TableKeeper::take(Kept& kept, std::string actor, bool* changed) {
  const FileStamp before = stamp_of(kept.file.path);
  kept.seen = before;
  // What was written a moment ago may be written to again within one tick of the file system's clock: then it is read again.
  const WallTime written{std::chrono::seconds(before.seconds) + std::chrono::microseconds(before.nanoseconds / 1000)};
  const auto age = setup_.clock->wall() - written;
  kept.tried = age >= 0s && age < kTick ? FileStamp{} : before;
  auto read = read_with_copy(kept);
  if (stamp_of(kept.file.path) != before) {  // it was replaced or written to meanwhile: what was read may be of two files
    kept.tried = {};
    if (actor == kHub) co_return Result<void>{};  // the next look but one reads it
    co_return fail(ErrorCode::invalid, fmt::format("\"{}\" changed while it was read", kept.file.shown));
  }
  if (!read) co_return std::unexpected(read.error());
  std::shared_ptr<eval::TableVersion> version = std::move(*read);
  if (version->digest == kept.digest) {
    const std::shared_ptr<const eval::TableVersion> current = plan_->live_tables().version(kept.file.table);
    show(kept, *current);  // what was wrong with it is over
    co_return Result<void>{};
  }
  Result<void> copied = co_await keep(kept);
  if (!copied) co_return copied;
  store::AuditRecord record{setup_.clock->wall(), std::move(actor), "table",
                            fmt::format("{} version {}, {} rows; before: {}", kept.file.name, version_text(version->digest),
                                        version->rows.rows(), kept.shown.version)};
  Result<void> recorded = co_await store_->record(std::move(record));
  if (!recorded) co_return recorded;
  version->since = setup_.clock->wall();
  plan_->live_tables().replace(kept.file.table, version);
  env::Signal never;
  while (!plan_->live_tables().settle()) co_await never.wait(env::Executor::current()->now() + 1ms);
  show(kept, *version);
  *changed = true;
  setup_.log("info",
             fmt::format("table {}: version {} with {} rows is in use", kept.file.name, kept.shown.version, kept.shown.rows));
  co_return Result<void>{};
}

}  // namespace smarthl7::app

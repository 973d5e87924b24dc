// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/destination.h"

#include "runtime/env/crash_point.h"
#include "runtime/transport/folder/placing.h"

namespace smarthl7::transport::folder {

namespace {

constexpr std::chrono::nanoseconds kForgotten = std::chrono::minutes(10);

}  // namespace

FolderDestination::FolderDestination(DestinationSettings settings, std::unique_ptr<FileSystem> files, env::Env env)
    : settings_(std::move(settings)),
      files_(std::move(files)),
      env_(env),
      temporary_(temporary_name(settings_.where + std::to_string(env.random.next()))) {}

/// The folder is there; what a killed hub left half-written goes.
Result<void> FolderDestination::prepare() {
  TRY_VOID(files_->check(settings_.folder));
  TRY(const std::vector<FileFacts> there, files_->list(settings_.folder));
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(env_.clock.wall().time_since_epoch());
  for (const FileFacts& facts : there) {
    if (!facts.regular || !facts.name.starts_with(kTemporaryPrefix) || !facts.name.ends_with(".part")) continue;
    if (now.count() - facts.changed < kForgotten.count()) continue;  // another connection's, maybe
    TRY_VOID(files_->remove(settings_.folder, facts.name));
  }
  return {};
}

env::Task<Result<void>> FolderDestination::connect(SteadyTime /*deadline*/) {
  if (connected()) co_return Result<void>{};
  Result<void> reached = co_await files_->reach(env_);
  if (!reached) co_return reached;
  std::move_only_function<Result<void>()> preparing = [this] { return prepare(); };
  Result<void> prepared = co_await worker_.run<Result<void>>(std::move(preparing));
  ready_ = prepared.has_value();
  co_return prepared;
}

Result<Sent> FolderDestination::write(const std::string& name, std::string_view bytes) {
  TRY(auto out, files_->create(settings_.folder, temporary_));
  TRY_VOID(out->write(bytes));
  TRY_VOID(out->finish());
  out.reset();
  auto put = place_file(*files_, settings_.folder, temporary_, settings_.folder, name, true);
  Sent sent;
  if (!put && (put.error().code == ErrorCode::closed || put.error().code == ErrorCode::timeout)) {
    sent.outcome = Sent::Outcome::unknown;  // the other end may have renamed it, and somebody may have taken it since
    sent.error = std::move(put).error();
    return sent;
  }
  TRY(const Placed placed, std::move(put));
  env::crash_point(env::CrashPoint::between_send_and_answer);
  sent.outcome = Sent::Outcome::accepted;
  sent.detail = placed.was_there ? placed.name + " was there already, with the same bytes" : "written as " + placed.name;
  if (auto synced = files_->sync(settings_.folder); !synced) {
    sent.outcome = Sent::Outcome::unknown;
    sent.error = std::move(synced).error();
  }
  return sent;
}

env::Task<Sent> FolderDestination::send(SharedBytes message, SteadyTime /*answer_deadline*/) {
  const std::string name = settings_.naming.name_for(message.view());
  std::move_only_function<Result<Sent>()> writing = [this, &name, &message] { return write(name, message.view()); };
  Result<Sent> sent = co_await worker_.run<Result<Sent>>(std::move(writing));
  if (sent && sent->outcome == Sent::Outcome::accepted) co_return std::move(*sent);
  ready_ = false;
  if (sent) co_return std::move(*sent);
  Sent failed;
  failed.error = std::move(sent).error();
  // The disk may become another one: nothing of this message is at fault.
  if (failed.error.code == ErrorCode::invalid || failed.error.code == ErrorCode::refused) failed.error.code = ErrorCode::io;
  co_return failed;
}

env::Task<Sent> FolderDestination::post(SharedBytes message, SteadyTime deadline) {
  Sent sent = co_await send(std::move(message), deadline);
  co_return sent;
}

env::Task<Sent> FolderDestination::await_more_answer(SteadyTime /*deadline*/) {
  Sent sent;
  sent.outcome = Sent::Outcome::unknown;
  sent.error = Error{ErrorCode::closed, "a folder gives no answers"};
  co_return sent;
}

/// Nothing ever comes from a folder.
env::Task<Sent> FolderDestination::listen(SteadyTime deadline) {
  co_await wake_.wait(deadline);
  Sent sent;
  sent.outcome = Sent::Outcome::quiet;
  co_return sent;
}

void FolderDestination::close() {
  ready_ = false;
  files_->interrupt();
  wake_.notify_all();
}

}  // namespace smarthl7::transport::folder

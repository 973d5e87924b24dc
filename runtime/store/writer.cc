// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "runtime/env/crash_point.h"
#include "runtime/store/clerk.h"
#include "stdlib/base/assert.h"

namespace smarthl7::store {

namespace {
constexpr std::chrono::milliseconds kApplyDelay{500};  // after a commit the state follows at the latest this much later
constexpr std::uint64_t kMostBehind = 262144;          // accepts wait while the state is further behind than this
constexpr std::chrono::seconds kFullPause{1};
}  // namespace

Writer::Writer(StoreOptions options, env::Env environment, std::unique_ptr<env::DiskLock> lock, Manifest manifest)
    : options_(std::move(options)),
      env_(environment),
      lock_(std::move(lock)),
      manifest_(manifest),
      self_(std::make_shared<Writer*>(this)),
      journal_(env_, options_.folder, options_.segment_bytes),
      files_(environment.disk, options_.folder),
      clerk_(std::make_unique<Clerk>(*this)) {}

Writer::~Writer() {
  *self_ = nullptr;
  if (upkeep_) upkeep_->stop();
}

Acts* Writer::acts() { return clerk_.get(); }

Result<void> Writer::recover(std::unique_ptr<State> state) {
  TRY(const Recovered recovered, recover_journal(env_.disk, options_.folder, state->applied(), state->next_message()));
  if (recovered.cut_bytes > 0)
    notes_.push_back(fmt::format("cut {} bytes of an unfinished record at the end of {}; nothing acknowledged was in it",
                                 recovered.cut_bytes, recovered.cut_file));
  TRY_VOID(journal_.open(recovered.end));
  TRY_VOID(state->catch_up(journal_.end()));
  TRY_VOID(state->replay_keys(journal_.end(), keys_));
  TRY_VOID(state->checkpoint(false));
  next_message_ = applied_next_ = std::max(state->next_message(), recovered.next_message);
  applied_ = journal_.end();
  totals_ = state->totals();
  for (const RunFacts& run : state->runs()) {
    TRY(runs_[run.number], KeyRun::open(env_.disk, options_.folder + "/" + run_name(run.number)));
  }
  TRY(const auto letters, state->open_letters());
  open_letters_ = {letters.begin(), letters.end()};
  TRY(const auto ambiguities, state->open_ambiguities(std::nullopt, 0));
  open_ambiguities_ = {ambiguities.begin(), ambiguities.end()};
  TRY(const auto destinations, state->destinations());
  for (const DestinationFacts& facts : destinations) {
    next_destination_ = std::max(next_destination_, facts.id + 1);
    Destination& destination = lanes_.add(facts.id, facts.name, facts.lanes);
    destination.delivered = facts.delivered;
    destination.dead = facts.dead;
    destination.options.order = facts.order;
    TRY(const DestinationQueue queue, state->queue_of(facts.id));
    for (const auto& [delivery, released_at] : queue.released) lanes_.restore_released(destination, delivery, released_at);
    for (const auto& lane : queue.backlog) lanes_.restore_backlog(destination, lane.lane, lane.count, lane.last);
    lanes_.restore_totals(destination, queue.queued, queue.bytes);
    destination.barrier_due = queue.barrier_due;
  }
  upkeep_ = std::make_unique<Upkeep>(std::move(state), env_.executor, options_.background_thread);
  upkeep_->set_committed(journal_.end());
  return {};
}

void Writer::start() {
  env_.executor.post([self = self_] {
    if (*self != nullptr) (*self)->gate_.spawn((*self)->run());
  });
}

// ---- inbox ------------------------------------------------------------------------------------------------------------------

template <class Fill>
void Writer::hand_in(Fill fill) {
  {
    const std::lock_guard lock(inbox_mutex_);
    fill(inbox_);
    if (std::exchange(woken_, true)) return;
  }
  env_.executor.post([self = self_] {
    if (*self != nullptr) (*self)->wake_.notify_all();
  });
}

void Writer::command(Command work) {
  hand_in([&](Inbox& inbox) { inbox.commands.push_back(std::move(work)); });
}

void Writer::SubmitAccept::await_suspend(std::coroutine_handle<> frame) {
  request->home = env::Executor::current();
  SMARTHL7_ASSERT(request->home != nullptr, "waiting needs an executor");
  request->frame = frame;
  writer->hand_in([this](Inbox& inbox) { inbox.accepts.push_back(request); });
}

env::Task<Result<Accepted>> Writer::accept(NewMessage message) {
  if (refusing_.load(std::memory_order_acquire)) co_return fail(ErrorCode::stopped, "the store has stopped");
  AcceptRequest request;
  request.message = std::move(message);
  find_differences(request);
  SubmitAccept submit{this, &request};
  co_await submit;
  co_return std::move(request.result);
}

void Writer::outcome(Outcome outcome) {
  if (refusing_.load(std::memory_order_acquire)) return;
  hand_in([&](Inbox& inbox) { inbox.outcomes.push_back(std::move(outcome)); });
}

void Writer::attempt(Attempt attempt) {
  if (refusing_.load(std::memory_order_acquire)) return;
  hand_in([&](Inbox& inbox) { inbox.attempts.push_back(std::move(attempt)); });
}

void Writer::park(std::vector<DeliveryId> deliveries) {
  if (deliveries.empty() || refusing_.load(std::memory_order_acquire)) return;
  command([this, deliveries = std::move(deliveries)] {
    for (const DeliveryId& id : deliveries) lanes_.park(id);
  });
}

void Writer::give_back(std::vector<DeliveryId> deliveries) {
  if (deliveries.empty() || refusing_.load(std::memory_order_acquire)) return;
  hand_in([&](Inbox& inbox) { inbox.given_back.insert(inbox.given_back.end(), deliveries.begin(), deliveries.end()); });
}

void Writer::take_inbox() {
  Inbox taken;
  {
    const std::lock_guard lock(inbox_mutex_);
    woken_ = false;
    std::swap(taken, inbox_);
  }
  for (Command& work : taken.commands) work();
  if (accepts_at_ == accepts_.size()) {
    accepts_.clear();
    accepts_at_ = 0;
  }
  if (accepts_.empty()) {
    accepts_.swap(taken.accepts);
  } else {
    accepts_.insert(accepts_.end(), taken.accepts.begin(), taken.accepts.end());
  }
  const bool to_commit = !taken.outcomes.empty() || !taken.attempts.empty() || !taken.given_back.empty();
  if (to_commit && outcomes_due_ == kNever) outcomes_due_ = env_.executor.now() + options_.outcome_delay;
  for (Outcome& outcome : taken.outcomes) {
    urgent_ = lanes_.announce(outcome.delivery) || outcome.response.has_value() || urgent_;  // a sender waits for a response
    outcomes_.push_back(std::move(outcome));
  }
  for (Attempt& attempt : taken.attempts) attempts_.push_back(std::move(attempt));
  given_back_.insert(given_back_.end(), taken.given_back.begin(), taken.given_back.end());
}

// ---- the loop ---------------------------------------------------------------------------------------------------------------

bool Writer::accepts_may_go() const {
  return accepts_at_ < accepts_.size() && next_message_ - applied_next_ < kMostBehind && env_.executor.now() >= braked_until_;
}

bool Writer::group_due() const {
  const SteadyTime now = env_.executor.now();
  if (now < not_before_) return false;
  if (accepts_may_go() || !opens_.empty() || !audits_.empty() || !deeds_.empty() || urgent_ || now >= outcomes_due_)
    return true;
  if (closing_ != nullptr && outcomes_due_ != kNever) return true;
  return std::any_of(lanes_.all().begin(), lanes_.all().end(),
                     [](const auto& one) { return one->ready && one->paged && one->sink != nullptr; });
}

SteadyTime Writer::next_deadline() const {
  SteadyTime deadline = std::min(outcomes_due_, applying_ ? kNever : apply_due_);
  const bool waiting =
      accepts_at_ < accepts_.size() || !opens_.empty() || !audits_.empty() || !deeds_.empty() || outcomes_due_ != kNever;
  if (waiting && env_.executor.now() < not_before_) deadline = std::max(not_before_, std::min(deadline, not_before_));
  if (accepts_at_ < accepts_.size() && env_.executor.now() < braked_until_) deadline = std::min(deadline, braked_until_);
  return deadline;
}

env::Task<void> Writer::run() {
  for (;;) {
    take_inbox();
    if (failure_) {
      abandon_all();
      if (closing_ != nullptr) {
        upkeep_->stop();
        std::exchange(closing_, nullptr)->complete(fail(ErrorCode::stopped, "the store had stopped", *failure_));
      }
      {
        const std::lock_guard lock(inbox_mutex_);
        if (woken_) continue;
      }
      co_await wake_.wait();
      continue;
    }
    if (group_due()) {
      co_await commit();
      continue;
    }
    keep_up();
    if (closing_ != nullptr && outcomes_due_ == kNever && accepts_at_ == accepts_.size()) {
      co_await finish_closing();
      continue;
    }
    {
      const std::lock_guard lock(inbox_mutex_);
      if (woken_) continue;
    }
    co_await wake_.wait(next_deadline());
  }
}

// The order is sacred: one record holds all of the group; it is written, it is synced, and only then anybody is told.
env::Task<void> Writer::commit() {
  const std::int64_t now = env_.clock.wall().time_since_epoch().count();
  const std::uint32_t before = segment_of(journal_.at());
  if (auto rolled = journal_.roll_if_needed(now); !rolled) {
    if (rolled.error().code != ErrorCode::full) {
      stop(rolled.error());
      co_return;
    }
    refuse_accepts(rolled.error());
    refuse_deeds(rolled.error(), true);
    not_before_ = env_.executor.now() + kFullPause;
    co_return;
  }
  if (before != segment_of(journal_.at())) upkeep_->set_committed(journal_.end());
  if (accepts_at_ < accepts_.size() || !deeds_.empty()) {
    room_ = room();
    if (!room_ || *room_ < options_.reserve_bytes) {
      const Error full{ErrorCode::full, "the disk of " + options_.folder + " is nearly full; nothing more is accepted",
                       nullptr};
      refuse_accepts(full);
      refuse_deeds(full, false);
    }
  }
  Group group = gather();
  if (!group.accepts.empty()) brake();
  if (failure_) {
    give_up(group);
    co_return;
  }
  co_await write_group(group);
}

Writer::Group Writer::gather() {
  Group group(GroupRecord(journal_.at(), journal_.seed()));
  group.at = env_.clock.wall().time_since_epoch().count();
  group.first = next_message_;
  lanes_.begin();
  add_opens(group);
  add_outcomes(group);
  add_given_back(group);
  add_forgotten(group);
  add_releases(group);
  for (AuditRequest* const request : std::exchange(audits_, {})) {
    AuditEntry entry;
    entry.actor = request->record.actor;
    entry.act = request->record.act;
    entry.object = request->record.object;
    entry.message = request->message;
    entry.at = request->record.at.time_since_epoch().count();
    group.record.add(entry);
    group.audits.push_back(request);
  }
  for (Deed* const deed : std::exchange(deeds_, {})) {
    deed->put(group);
    group.deeds.push_back(deed);
  }
  while (accepts_may_go() && group.accepts.size() < options_.group_messages &&
         group.record.body_size() < options_.group_bytes) {
    AcceptRequest* const request = accepts_[accepts_at_++];
    const bool known = knows_destinations(request->message);
    group.accepts.push_back(request);
    if (!known) {
      request->result = fail(ErrorCode::invalid, "a delivery names a destination that does not exist");
      continue;
    }
    if (is_interrupted(*request)) {
      request->result = fail(ErrorCode::full, "an earlier message of its file could not be stored");
      continue;
    }
    add_accept(group, *request);
    if (failure_) break;
    if (request->message.file) add_file(group, *request);
  }
  for (OpenRequest* const request : group.makes)  // last: everything above speaks of the lanes as they were
    group.record.add(DestinationEntry{request->id, request->options.name, request->options.lanes, request->options.order});
  return group;
}

bool Writer::knows_destinations(const NewMessage& message) {
  const auto known = [this](const NewDelivery& delivery) { return lanes_.find(delivery.destination) != nullptr; };
  return std::ranges::all_of(message.answers, known) && std::ranges::all_of(message.flows, [&](const FlowEffects& flow) {
           return std::ranges::all_of(flow.deliveries, known);
         });
}

env::Task<void> Writer::write_group(Group& group) {
  if (group.record.empty()) {
    lanes_.commit();
    hand_out(group);
    co_return;
  }
  RecordHeader header;
  header.group = journal_.groups() + 1;
  header.first_message = group.first;
  header.at = group.at;
  header.messages = group.messages;
  group.record.finish(header);
  env::crash_point(env::CrashPoint::before_commit);
  if (auto written = journal_.write(group.record.pieces()); !written) {
    if (written.error().code == ErrorCode::full) {
      const auto cut = co_await journal_.cut();
      if (cut) {
        refuse_group(group, written.error());
        co_return;
      }
    }
    stop(written.error());
    give_up(group);
    co_return;
  }
  env::crash_point(env::CrashPoint::in_commit);
  auto synced = co_await journal_.sync();
  if (!synced) {
    give_up(group);
    stop(synced.error());
    co_return;
  }
  finish_group(group);
  if (!group.makes.empty()) co_await change_lanes(group);
}

void Writer::finish_group(Group& group) {
  journal_.advance(group.record.size());
  lanes_.commit();
  next_message_ += group.messages;
  for (const auto& [low, keys] : group.keys)
    for (const GroupKey& key : keys) keys_.insert(key.facts);
  totals_.messages += group.totals.messages;
  totals_.rejected += group.totals.rejected;
  totals_.duplicates += group.totals.duplicates;
  totals_.conflicts += group.totals.conflicts;
  totals_.dead += group.totals.dead;
  totals_.dropped += group.totals.dropped;
  for (const auto& [name, more] : group.letters) open_letters_[name] += static_cast<std::uint64_t>(more);
  for (const auto& [name, more] : group.ambiguities) open_ambiguities_[name] += static_cast<std::uint64_t>(more);
  ++commits_;
  if (group.messages > 0) {
    const auto bucket = static_cast<std::size_t>(std::bit_width(group.messages - 1));
    ++group_sizes_[std::min(bucket, group_sizes_.size() - 1)];
  }
  upkeep_->set_committed(journal_.end());
  if (apply_due_ == kNever) apply_due_ = env_.executor.now() + kApplyDelay;
  hand_out(group);
  keep_up();
}

/// Nothing of the group is on the disk: what it changed is undone, accepts are refused, the rest is tried again later.
void Writer::refuse_group(Group& group, Error why) {
  lanes_.rollback();
  if (watch_.search != nullptr) watch_.search->forget_from(next_message_);
  for (Deed* const deed : group.deeds) deed->done->complete(std::unexpected(why));
  for (AcceptRequest* const request : group.accepts) request->result = std::unexpected(why);
  for (OpenRequest* const request : group.attaches) {
    Destination* const destination = lanes_.find(request->id);
    destination->sink = nullptr;
    request->done->complete(std::unexpected(why));
  }
  for (OpenRequest* const request : group.makes) request->done->complete(std::unexpected(why));
  for (AuditRequest* const request : group.audits) request->done->complete(std::unexpected(why));
  forgotten_.insert(forgotten_.begin(), group.forgotten.begin(), group.forgotten.end());
  if (!group.outcomes.empty() || !group.attempts.empty() || !group.forgotten.empty())
    outcomes_due_ = env_.executor.now() + kFullPause;
  for (const Outcome& outcome : group.outcomes) lanes_.announce(outcome.delivery);
  outcomes_.insert(outcomes_.begin(), std::make_move_iterator(group.outcomes.begin()),
                   std::make_move_iterator(group.outcomes.end()));
  attempts_.insert(attempts_.begin(), std::make_move_iterator(group.attempts.begin()),
                   std::make_move_iterator(group.attempts.end()));
  not_before_ = env_.executor.now() + kFullPause;
  Group only_answers(GroupRecord(0, 0));
  only_answers.accepts = std::move(group.accepts);
  hand_out(only_answers);
}

void Writer::refuse_accepts(const Error& why) {
  Group group(GroupRecord(0, 0));
  for (; accepts_at_ < accepts_.size(); ++accepts_at_) {
    accepts_[accepts_at_]->result = std::unexpected(why);
    group.accepts.push_back(accepts_[accepts_at_]);
  }
  hand_out(group);
}

void Writer::refuse_deeds(const Error& why, bool all) {
  for (Deed* const deed : std::exchange(deeds_, {})) {
    if (all || deed->grows) {
      deed->done->complete(std::unexpected(why));
    } else {
      deeds_.push_back(deed);
    }
  }
}

// ---- the end ----------------------------------------------------------------------------------------------------------------

void Writer::stop(Error why) {
  if (failure_) return;
  failure_ = why;
  refusing_.store(true, std::memory_order_release);
  if (on_failure_) on_failure_(std::move(why));
}

/// The loop will tell those who wait for this group that the store has stopped.
void Writer::give_up(Group& group) {
  accepts_.insert(accepts_.end(), group.accepts.begin(), group.accepts.end());
  opens_.insert(opens_.end(), group.makes.begin(), group.makes.end());
  opens_.insert(opens_.end(), group.attaches.begin(), group.attaches.end());
  audits_.insert(audits_.end(), group.audits.begin(), group.audits.end());
  deeds_.insert(deeds_.end(), group.deeds.begin(), group.deeds.end());
}

/// After a failure: everybody who waits is told.
void Writer::abandon_all() {
  const Error why{ErrorCode::stopped, "the store has stopped", std::make_shared<const Error>(*failure_)};
  refuse_accepts(why);
  for (OpenRequest* const request : std::exchange(opens_, {})) request->done->complete(std::unexpected(why));
  for (AuditRequest* const request : std::exchange(audits_, {})) request->done->complete(std::unexpected(why));
  for (Deed* const deed : std::exchange(deeds_, {})) deed->done->complete(std::unexpected(why));
  outcomes_.clear();
  attempts_.clear();
  given_back_.clear();
}

env::Task<void> Writer::finish_closing() {
  env::Completion<Result<void>> done;
  upkeep_->submit([&done, end = journal_.end()](State& state) {
    auto there = state.catch_up(end);
    if (there) there = state.checkpoint(true);
    done.complete(std::move(there));
  });
  auto result = co_await done;
  upkeep_->stop();
  lock_.reset();
  refusing_.store(true, std::memory_order_release);
  failure_ = Error{ErrorCode::stopped, "the store is closed", nullptr};
  std::exchange(closing_, nullptr)->complete(std::move(result));
}

}  // namespace smarthl7::store

// SPDX-License-Identifier: Apache-2.0
// After a commit: answers and releases go out, one job per executor; the state follows in the background.
#include <algorithm>

#include "runtime/store/writer.h"

namespace smarthl7::store {

namespace {
constexpr std::size_t kKeysInMemory = 65536;           // then they become a run
constexpr std::uint64_t kApplyMessages = 4096;         // behind by this much: the state is brought up to date ...
constexpr std::chrono::milliseconds kApplyDelay{500};  // ... or after this time
constexpr std::uint64_t kStepMessages = 16384;         // a transaction on the state's own thread
constexpr std::uint64_t kInlineStepMessages = 512;     // one on the writer's executor
constexpr std::int64_t kHourMicros = 3'600'000'000LL;
}  // namespace

Writer::Handover& Writer::handover_to(std::vector<Handover>& all, env::Executor* home) {
  for (Handover& one : all)
    if (one.home == home) return one;
  all.emplace_back().home = home;
  return all.back();
}

bool Writer::read_back(SinkBatch& batch, std::vector<Released>& out) {
  for (SinkBatch::FromJournal& one : batch.read_back) {
    auto body = files_.body({one.delivery.body, one.delivery.size, one.delivery.crc});
    if (!body) {
      stop(body.error());
      return false;
    }
    Released& released = out.emplace_back();
    released.delivery = one.delivery.id;
    if (one.delivery.barrier) {
      released.lanes = *one.delivery.barrier;
    } else {
      released.lanes.push_back(one.delivery.lane);
    }
    released.body = std::move(*body);
    released.received_at = WallTime(Micros(one.delivery.received_at));
    released.attempts_before = one.delivery.attempts;
    released.released_at = WallTime(Micros(one.released_at));
    released.refused_since = WallTime(Micros(one.delivery.refused_at));
    if (batch.destination->options.keep_keys && one.delivery.keys != nullptr) released.keys = *one.delivery.keys;
    released.maybe_seen = one.maybe_seen;
  }
  return true;
}

void Writer::hand_out_sinks(Group& group, std::vector<Handover>& all) {
  for (SinkBatch& batch : group.sinks) {
    Destination& destination = *batch.destination;
    if (destination.sink == nullptr) continue;  // closed with outcomes on the way
    std::vector<Released> released;
    released.reserve(batch.read_back.size() + batch.fresh.size());
    if (!read_back(batch, released)) return;
    std::move(batch.fresh.begin(), batch.fresh.end(), std::back_inserter(released));
    handover_to(all, destination.home)
        .sinks.push_back(
            {destination.sink, std::move(released), batch.durable, std::move(batch.responses), std::move(batch.outcomes)});
  }
}

void Writer::hand_out(Group& group) {
  std::vector<Handover> all;
  for (AcceptRequest* const request : group.accepts) {
    if (request->message.file && !request->result) interrupt_file(*request);
    handover_to(all, request->home).frames.push_back(request->frame);
  }
  hand_out_sinks(group, all);
  for (OpenRequest* const request : group.attaches) request->done->complete(request->id);
  for (AuditRequest* const request : group.audits) request->done->complete({});
  for (Deed* const deed : group.deeds) deed->done->complete({});
  for (Handover& one : all) {
    env::Executor* const home = one.home;
    home->post([handover = std::move(one)]() mutable {
      for (const std::coroutine_handle<> frame : handover.frames) frame.resume();
      for (Handover::ToSink& to : handover.sinks) {
        if (to.durable > 0) to.sink->on_durable(to.durable);
        for (const auto& [message, response] : to.responses) to.sink->on_response(message, response);
        for (const auto& [delivery, kind] : to.outcomes) to.sink->on_outcome(delivery, kind);
        if (!to.released.empty()) to.sink->on_released(std::move(to.released));
      }
    });
  }
}

env::Task<void> Writer::change_lanes(Group& group) {
  for (OpenRequest* const request : group.makes) {
    opens_.push_back(request);  // attached by the next group
    Destination* const known = lanes_.find(request->id);
    if (known == nullptr) {
      lanes_.add(request->id, request->options.name, request->options.lanes).options = request->options;
      continue;
    }
    env::Completion<Result<DestinationQueue>> done;
    const bool express = request->options.express;
    const bool taken = upkeep_->submit([&done, express, id = request->id, end = journal_.end()](State& state) {
      auto there = state.catch_up(end);
      Result<DestinationQueue> queue = there ? state.queue_of(id) : std::unexpected(there.error());
      if (queue && express) {
        auto keys = state.queued_keys(id);
        if (keys) {
          queue->keys = std::move(*keys);
        } else {
          queue = std::unexpected(keys.error());
        }
      }
      done.complete(std::move(queue));
    });
    if (!taken) co_return;
    auto queue = co_await done;
    if (!queue) {
      stop(queue.error());
      co_return;
    }
    lanes_.reset(*known, request->options.lanes);
    known->options = request->options;
    if (express) lanes_.restore_keys(*known, queue->keys);
    for (const auto& [delivery, released_at] : queue->released) lanes_.restore_released(*known, delivery, released_at);
    for (const auto& lane : queue->backlog) lanes_.restore_backlog(*known, lane.lane, lane.count, lane.last);
    lanes_.restore_totals(*known, queue->queued, queue->bytes);
    known->barrier_due = queue->barrier_due;
  }
}

// ---- the state --------------------------------------------------------------------------------------------------------------

void Writer::keep_up() {
  if (failure_) return;
  page_in();
  keys_upkeep();
  const bool behind = applied_ != journal_.end();
  if (!behind) apply_due_ = kNever;
  if (!behind || applying_) return;
  if (next_message_ - applied_next_ >= kApplyMessages || env_.executor.now() >= apply_due_) start_applying();
}

void Writer::start_applying() {
  applying_ = true;
  apply_due_ = kNever;
  const std::int64_t now = env_.clock.wall().time_since_epoch().count();
  std::int64_t drop_before = 0;
  if (now - segments_dropped_at_ > kHourMicros) {
    segments_dropped_at_ = now;
    keys_due_ = true;
    drop_before = now - std::chrono::duration_cast<Micros>(options_.body_retention).count();
  }
  const std::uint64_t step = options_.background_thread ? kStepMessages : kInlineStepMessages;
  upkeep_->submit([self = self_, this, end = journal_.end(), step, drop_before](State& state) {
    std::optional<Error> error;
    if (auto done = state.apply(end, step); !done) error = done.error();
    if (!error) {
      if (auto done = state.checkpoint(false); !done) error = done.error();
    }
    if (!error && drop_before > 0) {
      if (auto done = state.drop_segments(drop_before); !done) error = done.error();
    }
    command([this, position = state.applied(), next = state.next_message(), error = std::move(error)]() mutable {
      applying_ = false;
      state_progressed(position, next, std::move(error));
    });
  });
}

void Writer::state_progressed(JournalPosition position, MessageId next_message, std::optional<Error> error) {
  if (position.groups >= applied_.groups) {
    applied_ = position;
    applied_next_ = next_message;
    lanes_.applied(next_message - 1);
  }
  if (error && error->code != ErrorCode::full) return stop(std::move(*error));
  if (applied_ != journal_.end()) apply_due_ = env_.executor.now() + (error ? std::chrono::seconds(1) : kApplyDelay);
}

void Writer::page_in() {
  for (const Lanes::Page& page : lanes_.wanted()) {
    upkeep_->submit([this, page](State& state) {
      auto deliveries = state.page(page);
      command([this, page, deliveries = std::move(deliveries)]() mutable {
        if (!deliveries) return stop(deliveries.error());
        lanes_.loaded(page, std::move(*deliveries));
      });
    });
  }
}

void Writer::keys_upkeep() {
  // Few keys become a run once an hour, or else they would hold back the oldest segment for ever.
  if (frozen_keys_ || keys_.size() < (keys_due_ ? 1 : kKeysInMemory)) return;
  keys_due_ = false;
  frozen_keys_ = std::make_shared<const KeyTable>(std::exchange(keys_, KeyTable()));
  std::vector<std::uint64_t> held;
  for (const auto& [number, run] : runs_) held.push_back(number);
  const std::int64_t now = env_.clock.wall().time_since_epoch().count() / 1'000'000;
  upkeep_->submit([this, keys = frozen_keys_, held = std::move(held), through = journal_.end(), now](State& state) {
    auto done = state.add_keys(keys->sorted(), through, now);
    std::vector<std::uint64_t> listed;
    std::vector<std::pair<std::uint64_t, std::unique_ptr<KeyRun>>> fresh;
    for (const RunFacts& run : state.runs()) {
      if (!done) break;
      listed.push_back(run.number);
      if (std::binary_search(held.begin(), held.end(), run.number)) continue;
      auto opened = KeyRun::open(env_.disk, options_.folder + "/" + run_name(run.number));
      if (opened) {
        fresh.emplace_back(run.number, std::move(*opened));
      } else {
        done = std::unexpected(opened.error());
      }
    }
    command([this, done = std::move(done), listed = std::move(listed), fresh = std::move(fresh)]() mutable {
      if (done) return take_runs(std::move(listed), std::move(fresh));
      if (done.error().code != ErrorCode::full) return stop(done.error());
      for (const KeyFacts& facts : frozen_keys_->sorted())  // no room for the run now: they stay in memory
        if (keys_.find(facts.key) == nullptr) keys_.insert(facts);
      frozen_keys_.reset();
    });
  });
}

void Writer::take_runs(std::vector<std::uint64_t> listed,
                       std::vector<std::pair<std::uint64_t, std::unique_ptr<KeyRun>>> fresh) {
  std::erase_if(runs_, [&](const auto& one) { return !std::binary_search(listed.begin(), listed.end(), one.first); });
  for (auto& [number, run] : fresh) runs_[number] = std::move(run);
  frozen_keys_.reset();
}

}  // namespace smarthl7::store

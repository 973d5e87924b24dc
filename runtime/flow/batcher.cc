// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/batcher.h"

#include <algorithm>

#include "runtime/env/crash_point.h"
#include "runtime/flow/control_id.h"
#include "stdlib/hl7/batch_writer.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::flow {

namespace {

constexpr std::chrono::seconds kFullPause{1};
constexpr std::size_t kMostNote = 400;

/// "of messages 3, 4-7, 9": what the trace of a batch says.
class MemberNote {
 public:
  void add(store::MessageId id) {
    if (first_ != 0 && id == last_ + 1) {
      last_ = id;
      return;
    }
    flush();
    first_ = last_ = id;
  }
  std::string finish() {
    flush();
    return std::move(text_);
  }

 private:
  void flush() {
    if (first_ == 0) return;
    if (text_.size() > kMostNote) {
      if (!text_.ends_with("...")) text_ += ", ...";
      return;
    }
    text_ += (text_.empty() ? "of messages " : ", ") + std::to_string(first_);
    if (last_ != first_) text_ += "-" + std::to_string(last_);
  }
  std::string text_;
  store::MessageId first_ = 0;
  store::MessageId last_ = 0;
};

/// From the first member, if it is written with the delimiters that the envelope has.
hl7::BatchHeader header_of(std::string_view member) {
  hl7::BatchHeader header;
  const Result<hl7::Message> message = hl7::Message::parse(member);
  if (!message || !(message->delimiters() == hl7::Delimiters{})) return header;
  header.sending_application = message->sending_application();
  header.sending_facility = message->sending_facility();
  header.receiving_application = message->receiving_application();
  header.receiving_facility = message->receiving_facility();
  return header;
}

}  // namespace

Batcher::Batcher(BatchPolicy policy, store::Store& store, env::Env env) : policy_(std::move(policy)), store_(store), env_(env) {
  counts_.name = policy_.name;
}

env::Task<Result<store::DestinationId>> Batcher::start() {
  store::DestinationOptions wanted;
  wanted.name = policy_.name;
  wanted.window_messages = policy_.most_messages;
  wanted.window_bytes = 2 * kBatchBytes;  // a lane whose window is full must hold a batch that closes by its size
  wanted.own_queue = true;
  Result<store::DestinationId> opened = co_await store_.open_destination(std::move(wanted), this);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  id_ = *opened;
  open_ = true;
  gate_.spawn(work());
  co_return id_;
}

env::Task<void> Batcher::stop() {
  stopping_ = true;
  changed_.notify_all();
  co_await gate_.drained();
  if (!open_) co_return;
  open_ = false;
  Result<void> closed = co_await store_.close_destination(id_);
  if (!closed) co_return;
  std::vector<store::DeliveryId> collected;
  for (const store::Released& member : members_) collected.push_back(member.delivery);
  store_.give_back(std::move(collected));
}

BatchSnapshot Batcher::snapshot() const {
  BatchSnapshot snapshot = counts_;
  snapshot.waiting = members_.size();
  return snapshot;
}

void Batcher::on_released(std::vector<store::Released> batch) {
  for (store::Released& member : batch) {
    bytes_ += member.body.size();
    members_.push_back(std::move(member));
  }
  changed_.notify_all();
}

void Batcher::on_durable(std::size_t /*outcomes*/) {}

bool Batcher::is_full() const { return members_.size() >= policy_.most_messages || bytes_ >= kBatchBytes; }

SteadyTime Batcher::due() const {
  using std::chrono::microseconds;
  const auto waited = std::chrono::duration_cast<microseconds>(env_.clock.wall() - members_.front().received_at);
  const auto left = std::clamp(policy_.within - waited, microseconds(0), policy_.within);  // the clock may have been set
  return env_.executor.now() + left;
}

// The order is sacred: one commit holds the batch and the end of its members; only then it may be sent.
env::Task<void> Batcher::work() {
  SteadyTime until = kNever;  // of the batch that begins with the first member
  while (!stopping_) {
    if (members_.empty()) {
      until = kNever;
      co_await changed_.wait();
      continue;
    }
    if (until == kNever) until = due();
    if (!is_full() && env_.executor.now() < until) {
      co_await changed_.wait(until);
      continue;
    }
    std::size_t count = 0;
    store::NewMessage message = make(count);
    env::crash_point(env::CrashPoint::before_batch);
    Result<store::Accepted> taken = co_await store_.accept(std::move(message));
    if (!taken) {
      if (taken.error().code != ErrorCode::full) co_return;  // the store has stopped; the next start collects them again
      const SteadyTime again = env_.executor.now() + kFullPause;
      while (!stopping_ && env_.executor.now() < again) co_await changed_.wait(again);
      continue;
    }
    env::crash_point(env::CrashPoint::after_batch);
    ++counts_.batches;
    counts_.members += count;
    for (; count > 0; --count) {
      bytes_ -= members_.front().body.size();
      members_.pop_front();
    }
    until = kNever;
  }
}

store::NewMessage Batcher::make(std::size_t& members) const {
  const WallTime now = env_.clock.wall();
  // The id depends on the members and on when the first one was taken, so no two batches have the same.
  std::string identity = policy_.name + "\r" + std::to_string(members_.front().received_at.time_since_epoch().count());
  std::uint64_t size = 0;
  for (members = 0; members < members_.size() && members < policy_.most_messages; ++members) {
    if (members > 0 && size >= kBatchBytes) break;
    const SharedBytes& body = members_[members].body;
    size += body.size();
    const Hash128 hash = keyed_hash(HashKey{}, body.view());
    identity += "\r" + std::to_string(members_[members].delivery.message) + "." +
                std::to_string(members_[members].delivery.number) + "." + std::to_string(hash.low);
  }
  hl7::BatchHeader header = header_of(members_.front().body.view());
  header.created = to_hl7_timestamp(now);
  header.control_id = derived_control_id(identity, "batch");

  store::NewMessage message;
  message.source = policy_.name;
  message.received_at = now;
  message.plan = policy_.plan;
  message.type = "BHS";
  message.control_id = header.control_id;
  std::string bytes;
  bytes.reserve(size + 512);
  hl7::BatchWriter writer(bytes);
  writer.begin_file(header);
  writer.begin_batch(header);
  MemberNote note;
  for (std::size_t i = 0; i < members; ++i) {
    const store::Released& member = members_[i];
    store::Outcome& outcome = message.completes.emplace_back();
    outcome.delivery = member.delivery;
    outcome.at = now;
    const Result<void> added = writer.add(member.body.view());
    if (!added) {  // what a flow took for a message is one; should it not be, it must not take the others with it
      outcome.kind = store::OutcomeKind::dead;
      outcome.reason = "cannot be put into a batch";
      outcome.answer = added.error().text;
      continue;
    }
    note.add(member.delivery.message);
  }
  writer.end_batch();
  writer.end_file();
  message.body = SharedBytes(std::move(bytes));
  message.reason = note.finish();
  store::FlowEffects& flow = message.flows.emplace_back();
  flow.flow = policy_.flow;
  for (const store::DestinationId destination : policy_.destinations) flow.deliveries.emplace_back().destination = destination;
  return message;
}

}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake.h"

#include <cstring>
#include <deque>

#include "runtime/env/crash_point.h"
#include "runtime/flow/intake_batch.h"
#include "runtime/flow/intake_receipts.h"

namespace smarthl7::flow {

namespace {

constexpr std::size_t kBatchWindow = 128;  // messages of a batch on their way into the store at a time

std::uint64_t token_of(const transport::Received& received) {
  return static_cast<std::uint64_t>(received.at_steady.time_since_epoch().count());
}

/// One answer as it is stored, or two that are stored as one.
void answer_with(transport::Reply& reply, SharedBytes answers) {
  const auto [first, second] = split_answers(answers.view());
  if (second.empty()) {
    reply.answer = std::move(answers);
    return;
  }
  reply.answer = SharedBytes(std::string(first));
  reply.second = SharedBytes(std::string(second));
}

}  // namespace

Intake::Intake(std::shared_ptr<const eval::BoundPlan> plan, plan::Id source, store::Store& store,
               std::span<const std::unique_ptr<Reactor>> reactors, std::span<const store::DestinationId> destinations,
               const AnswerRoutes* routes, transport::IntakeMemory* memory)
    : store_(store),
      name_(plan->plan().text(plan->plan().sources[source].name)),
      responder_(plan->plan(), source, destinations),
      delivered_(plan->plan(), source, store),
      on_receipt_(plan->plan().sources[source].ack == plan::AckMode::on_receipt),
      routes_(routes),
      memory_(memory),
      shards_(reactors.size()) {
  for (std::size_t i = 0; i < reactors.size(); ++i) {
    shards_[i].reactor = reactors[i].get();
    shards_[i].judge = std::make_unique<Judge>(plan, source, *reactors[i], destinations, sequences_, responder_, delivered_);
    if (on_receipt_) shards_[i].receipts = std::make_unique<Receipts>();
  }
}

Intake::~Intake() = default;

Intake::Shard& Intake::here() {
  const env::Executor* current = env::Executor::current();
  for (Shard& shard : shards_)
    if (&shard.reactor->env.executor == current) return shard;
  SMARTHL7_UNREACHABLE("a message came on an executor that is none of the engine's");
}

env::Task<transport::Reply> Intake::on_message(transport::Received received) {
  env::crash_point(env::CrashPoint::in_receive);
  Shard& shard = here();
  if (routes_ != nullptr && AnswerRoutes::may_be_answer(received.message.view())) {
    const bool taken = co_await routes_->route(received.message);
    if (taken) {
      ++shard.judge->counters.received;
      ++shard.judge->counters.answers;
      transport::Reply reply;
      reply.token = token_of(received);
      reply.answer = shard.judge->commit_answer(received.message);
      co_return reply;
    }
  }
  const bool batch = !received.in_file && hl7::begins_batch(received.message.view());
  std::string note = received.in_file ? std::move(received.in_file->note) : std::string();
  env::Task<transport::Reply> taking = batch ? take_batch(&shard, &received) : take(&shard, &received, std::move(note));
  transport::Reply reply = co_await taking;
  reply.token = token_of(received);
  co_return reply;
}

// The order is sacred: frame, verdict (pure), one commit, acknowledge. Nothing may be answered between the verdict and
// the commit that would let the sender forget the message.
env::Task<transport::Reply> Intake::take(Shard* shard, const transport::Received* received, std::string note) {
  SourceCounters& counters = shard->judge->counters;
  ++counters.received;
  transport::Reply reply;
  if (on_receipt_) co_await room_for(shard, received->message.size());
  Judged judged = shard->judge->judge(*received, std::move(note));
  if (judged.fate == Judged::Fate::answer) {
    answer_with(reply, std::move(judged.message.acknowledgement));
    co_return reply;
  }
  const bool rejected = judged.message.verdict == store::Verdict::rejected;
  if (on_receipt_ && !rejected) {  // the sender has asked for an answer that promises nothing
    answer_with(reply, judged.message.acknowledgement);
    if (judged.sequence.kind != SequenceRemark::Kind::none) sequences_.taken(judged.sequence_sender, judged.sequence);
    store_later(shard, std::move(judged.message));
    co_return reply;
  }
  if (const auto& in_file = received->in_file)
    judged.message.file =
        store::FileMark{own_place(in_file->place), in_file->version, in_file->number, in_file->last, in_file->keep_answer};
  const std::optional<store::RespondsFrom> respond = judged.message.respond;
  std::vector<store::DestinationId> awaited = judged.message.awaited;

  Result<store::Accepted> accepted = co_await store_.accept(std::move(judged.message));

  if (!accepted) {
    ++counters.not_stored;
    reply.kept = false;
    reply.answer = shard->judge->cannot_store(received->message);
    co_return reply;
  }
  env::crash_point(env::CrashPoint::between_commit_and_ack);
  if (accepted->conflict) ++counters.conflicts;
  if (accepted->duplicate) {
    ++counters.duplicates;
  } else if (!rejected) {
    ++counters.accepted;
    shard->judge->count(judged.endings);
  }
  if (!rejected && judged.sequence.kind != SequenceRemark::Kind::none)
    sequences_.taken(judged.sequence_sender, judged.sequence);
  if (respond && accepted->response_of != 0) {
    responder_.answer(*shard->reactor, received->message, respond->destination, *accepted, reply);
    co_return reply;
  }
  if (!rejected && !awaited.empty() && (accepted->duplicate || !accepted->awaited.empty())) {
    delivered_.answer(*shard->reactor, received->message, std::move(awaited), *accepted, reply);
    co_return reply;
  }
  answer_with(reply, std::move(accepted->acknowledgement));
  co_return reply;
}

struct Intake::Answering {
  transport::Received received;
  std::string note;
  BatchFrame::Place place;
  transport::Reply reply;
  SharedBytes later;
  bool done = false;
};

env::Task<void> Intake::take_one(Shard* shard, Answering* answering, env::Signal* answered) {
  env::Task<transport::Reply> taking = take(shard, &answering->received, std::move(answering->note));
  answering->reply = co_await taking;
  answering->received = {};
  if (answering->reply.later) {
    SharedBytes later = co_await *answering->reply.later;
    answering->later = std::move(later);
  }
  answering->done = true;
  answered->notify_all();
}

// Each message is judged and handed to the store in the order of the batch, so they are committed in that order; a window of
// them is on the way at a time. The answer goes out after the last commit.
env::Task<transport::Reply> Intake::take_batch(Shard* shard, const transport::Received* received) {
  SourceCounters& counters = shard->judge->counters;
  ++counters.batches;
  BatchFrame batch(received->message.view(), to_hl7_timestamp(shard->reactor->env.clock.wall()));
  counters.batch_findings += batch.finding_count();
  transport::Reply reply;
  std::deque<Answering> window;
  env::Signal answered;
  env::Gate gate;
  const auto write_answers = [&](std::size_t most_waiting) {
    while (!window.empty() && window.front().done) {
      const Answering& first = window.front();
      for (const SharedBytes* one : {&first.reply.answer, &first.reply.second, &first.later})
        batch.answer(first.place, one->view());
      reply.kept = reply.kept && first.reply.kept;
      window.pop_front();
    }
    return window.size() <= most_waiting;
  };
  hl7::BatchItem item;
  std::uint64_t members = 0;
  while (batch.next(item)) {
    Answering& answering = window.emplace_back();
    answering.received.message = SharedBytes(std::string(item.bytes));
    answering.received.peer = received->peer;
    answering.received.at = received->at;
    answering.received.at_steady = received->at_steady;
    answering.note = batch.note(item);
    answering.place = batch.place(item);
    if (!received->once_key.empty()) {
      answering.received.once_key = received->once_key + "/" + std::to_string(++members);
      answering.received.once_within = received->once_within;
    }
    gate.spawn(take_one(shard, &answering, &answered));
    while (!write_answers(kBatchWindow - 1)) co_await answered.wait();
  }
  while (!write_answers(0)) co_await answered.wait();
  co_await gate.drained();
  std::string answer = batch.finish();
  if (!answer.empty()) reply.answer = SharedBytes(std::move(answer));
  co_return reply;
}

/// Two sources may read one folder.
Hash128 Intake::own_place(const Hash128& place) const {
  HashKey key;
  std::memcpy(key.data(), &place.high, 8);
  std::memcpy(key.data() + 8, &place.low, 8);
  return keyed_hash(key, name_);
}

env::Task<Result<transport::InFile>> Intake::progress_of(Hash128 place) {
  Result<store::FileMark> mark = co_await store_.file_mark(own_place(place));
  if (!mark) co_return std::unexpected(std::move(mark).error());
  transport::InFile progress;
  progress.place = place;
  progress.version = mark->version;
  progress.number = mark->number;
  progress.last = mark->last;
  co_return progress;
}

env::Task<Result<SharedBytes>> Intake::answer_in_file(transport::InFile where) {
  store::FileMark mark;
  mark.place = own_place(where.place);
  mark.version = where.version;
  mark.number = where.number;
  Result<SharedBytes> answer = co_await store_.file_answer(mark);
  co_return answer;
}

void Intake::file_gone(Hash128 place) { store_.forget_file(own_place(place)); }

void Intake::answer_written(std::uint64_t token, bool whole) {
  if (!whole) return;
  Shard& shard = here();
  const SteadyTime at{std::chrono::nanoseconds(static_cast<std::int64_t>(token))};
  shard.ack_time.add(shard.reactor->env.executor.now() - at);
}

void Intake::on_event(const transport::Event& event) {
  using transport::EventKind;
  if (event.kind == EventKind::broken || event.kind == EventKind::bad_frame || event.kind == EventKind::timed_out)
    ++here().judge->counters.broken;
  if (listener_) listener_(event);
}

void Intake::add_to(SourceSnapshot& snapshot, std::size_t reactor) const {
  snapshot.counters.add(shards_[reactor].judge->counters);
  snapshot.ack_time.add(shards_[reactor].ack_time);
  const std::vector<FlowCounters>& flows = shards_[reactor].judge->flows;
  snapshot.flows.resize(flows.size());
  for (std::size_t i = 0; i < flows.size(); ++i) {
    snapshot.flows[i].dead += flows[i].dead;
    snapshot.flows[i].dropped += flows[i].dropped;
  }
}

void SourceCounters::add(const SourceCounters& other) {
  received += other.received;
  accepted += other.accepted;
  rejected += other.rejected;
  unrecorded += other.unrecorded;
  duplicates += other.duplicates;
  conflicts += other.conflicts;
  not_stored += other.not_stored;
  keyless += other.keyless;
  findings += other.findings;
  misfits += other.misfits;
  misfitting += other.misfitting;
  answers += other.answers;
  broken += other.broken;
  consumed += other.consumed;
  links += other.links;
  sequence_gaps += other.sequence_gaps;
  sequence_repeats += other.sequence_repeats;
  batches += other.batches;
  batch_findings += other.batch_findings;
}

}  // namespace smarthl7::flow

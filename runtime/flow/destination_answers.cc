// SPDX-License-Identifier: Apache-2.0
// What is waited for after a message was sent: its answer on its own connection, the application's after a commit
// acknowledgement, an answer that came on another connection or at a source; and listening while there is nothing to send.
#include <algorithm>

#include "runtime/flow/answer_batch.h"
#include "runtime/flow/control_id.h"
#include "runtime/flow/destination_parts.h"
#include "stdlib/hl7/ack.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::flow {

namespace {

constexpr int kMostStrayAnswers = 16;  // read on the way to the own one, per attempt
constexpr std::chrono::seconds kDurableWithin{5};
constexpr std::size_t kMostLate = 1024;

/// What the receiver's protocol said in place of an answer, or the transport itself knows of the other end.
Answer judged_answer(const transport::Sent& sent) {
  Answer answer;
  if (sent.outcome == transport::Sent::Outcome::accepted) {
    answer.kind = AnswerKind::accepted;
    answer.detail = sent.detail;
    return answer;
  }
  answer.code = sent.error.text;
  answer.detail = sent.error.text;
  answer.retry_after = sent.retry_after;
  switch (sent.judgement) {
    case transport::Judgement::accepted: answer.kind = AnswerKind::accepted; break;
    case transport::Judgement::refused_for_now: answer.kind = AnswerKind::refused_for_now; break;
    case transport::Judgement::refused_for_good: answer.kind = AnswerKind::refused_for_good; break;
  }
  return answer;
}

ArrivedAnswer arrived_of(const SharedBytes& bytes, std::string control_id) {
  return {bytes, std::move(control_id), std::string(header_field(bytes.view(), 3)), std::string(header_field(bytes.view(), 4))};
}

}  // namespace

/// The answer that decides about the message, of whatever kind it asked for.
env::Task<Answer> Destination::awaited_answer(Worker* worker, Item* item, transport::Sent sent, SteadyTime deadline) {
  const bool by_transport = sent.outcome == transport::Sent::Outcome::accepted;
  if (by_transport ||
      sent.outcome == transport::Sent::Outcome::judged) {  // no answer comes from there, the application's apart
    Answer judged = judged_answer(sent);
    const bool awaits_more = item->expect == Expect::application_only || (item->expect == Expect::answer && listens_);
    if (judged.kind != AnswerKind::accepted || !awaits_more) co_return judged;
    note(*item, by_transport ? "accepted" : "taken by the receiver's transport", judged.detail);
    Answer last = co_await application_answer(worker, item, now() + policy_.application_within);
    co_return last;
  }
  if (item->expect == Expect::answer) {
    Answer answer = co_await own_answer(worker, item, std::move(sent), deadline);
    const bool committed = listens_ && answer.kind == AnswerKind::accepted && answer.code == "CA";
    if (!committed) co_return answer;
    note(*item, "commit acknowledgement", answer.detail);
    Answer last = co_await application_answer(worker, item, now() + policy_.application_within);
    co_return last;
  }
  Answer answer;
  if (sent.outcome == transport::Sent::Outcome::answered) {  // asked for nothing, and answered: it counts
    answer = read_answer(sent.answer, *item, true);
    if (answer.kind != AnswerKind::mismatched && answer.kind != AnswerKind::garbage) co_return answer;
    take_stray(worker, sent.answer);
  } else if (sent.outcome != transport::Sent::Outcome::written) {
    answer.detail = sent.error.describe();
    co_return item->elsewhere ? *item->elsewhere : answer;
  }
  switch (item->expect) {
    case Expect::answer: break;
    case Expect::application_only: {
      Answer last = co_await application_answer(worker, item, now() + policy_.application_within);
      co_return last;
    }
    case Expect::refusal_only: {
      Answer last = co_await refusal(worker, item, deadline);
      co_return last;
    }
    case Expect::nothing: break;
  }
  answer.kind = AnswerKind::accepted;
  answer.detail = "written; the message asks for no acknowledgement";
  co_return answer;
}

/// Reads on past answers to other messages until the own one, the deadline, or the end of the connection.
env::Task<Answer> Destination::own_answer(Worker* worker, Item* item, transport::Sent sent, SteadyTime deadline) {
  Answer last;
  for (int strays = 0; strays < kMostStrayAnswers; ++strays) {
    if (item->elsewhere) co_return *item->elsewhere;
    if (sent.outcome != transport::Sent::Outcome::answered) {
      if (last.kind == AnswerKind::none) last.detail = sent.error.describe();
      co_return last;
    }
    Answer answer = read_answer(sent.answer, *item, true);
    if (answer.kind != AnswerKind::mismatched && answer.kind != AnswerKind::garbage) co_return answer;
    take_stray(worker, sent.answer);
    if (last.kind != AnswerKind::mismatched) last = std::move(answer);
    transport::Sent next = co_await worker->connection->await_more_answer(deadline);
    sent = std::move(next);
  }
  co_return last;
}

/// The application's, wherever it comes: on this connection, on another one, at a source.
env::Task<Answer> Destination::application_answer(Worker* worker, Item* item, SteadyTime deadline) {
  bool alive = true;
  while (!item->elsewhere && !ending_ && now() < deadline) {
    if (!alive) {  // it can still come elsewhere
      co_await item->answered.wait(deadline);
      continue;
    }
    transport::Sent sent = co_await listen(worker, deadline);
    alive = sent.outcome == transport::Sent::Outcome::answered || sent.outcome == transport::Sent::Outcome::quiet;
    if (sent.outcome != transport::Sent::Outcome::answered) continue;
    Answer answer = read_answer(sent.answer, *item, true);
    if (answer.kind == AnswerKind::mismatched || answer.kind == AnswerKind::garbage) {
      take_stray(worker, sent.answer);
    } else if (answer.kind != AnswerKind::accepted || answer.code != "CA") {  // a second CA says nothing new
      co_return answer;
    }
  }
  if (item->elsewhere) co_return *item->elsewhere;
  Answer none;
  none.detail = "no application acknowledgement in time";
  co_return none;
}

/// A receiver that was asked to speak only when something is wrong: its silence is its consent, the end of its connection not.
env::Task<Answer> Destination::refusal(Worker* worker, Item* item, SteadyTime deadline) {
  while (!ending_) {
    transport::Sent sent = co_await listen(worker, deadline);
    Answer answer;
    if (sent.outcome == transport::Sent::Outcome::quiet) {
      if (now() < deadline) continue;
      answer.kind = AnswerKind::accepted;
      answer.detail = "no refusal in time; the message asks for no other answer";
      co_return answer;
    }
    if (sent.outcome != transport::Sent::Outcome::answered) {
      answer.detail = sent.error.describe();
      co_return answer;
    }
    answer = read_answer(sent.answer, *item, true);
    if (answer.kind != AnswerKind::mismatched && answer.kind != AnswerKind::garbage) co_return answer;
    take_stray(worker, sent.answer);
  }
  Answer none;
  none.detail = "the hub stops";
  co_return none;
}

/// What the bytes say about the message. An answer that came on another connection has no order to be known by.
Answer Destination::read_answer(const SharedBytes& bytes, const Item& item, bool here) const {
  AnswerPolicy policy = policy_.answers;
  if (!here && policy.match == plan::Match::order) policy.match = plan::Match::id;
  Answer answer =
      item.batch ? classify_batch(bytes.view(), item.control_id, policy) : classify(bytes.view(), item.control_id, policy);
  answer.bytes = bytes;
  answer.here = here;
  return answer;
}

// ---- answers that come elsewhere ------------------------------------------------------------------------------------------

env::Task<transport::Sent> Destination::listen(Worker* worker, SteadyTime deadline) {
  worker->listening = true;
  transport::Sent sent = co_await worker->connection->listen(deadline);
  worker->listening = false;
  co_return sent;
}

/// What lies on the connection before the next message goes out: answers to others, which would be taken for a reason to make
/// a new connection.
env::Task<void> Destination::take_what_came(Worker* worker) {
  for (int strays = 0; strays < kMostStrayAnswers && worker->connection->connected(); ++strays) {
    transport::Sent sent = co_await listen(worker, now());
    if (sent.outcome != transport::Sent::Outcome::answered) co_return;
    take_stray(worker, sent.answer);
  }
}

/// Waits for the signal, and meanwhile takes what comes on the connection.
env::Task<void> Destination::rest(Worker* worker, env::Signal* signal, SteadyTime until) {
  if (!listens_ || !worker->connection->connected()) {
    co_await signal->wait(until);
    co_return;
  }
  transport::Sent sent = co_await listen(worker, until);
  if (sent.outcome == transport::Sent::Outcome::answered) take_stray(worker, sent.answer);
}

void Destination::wake(Worker& worker) {
  worker.wake.notify_all();
  if (worker.listening) worker.connection->interrupt();
}

void Destination::wake_lane(std::size_t lane) {
  lanes_[lane]->changed.notify_all();
  for (const auto& worker : workers_)
    if (worker->lane == lane && worker->listening) worker->connection->interrupt();
}

/// An answer on this connection that is not the one that is waited for here.
void Destination::take_stray(Worker* /*worker*/, const SharedBytes& bytes) {
  const Result<hl7::Ack> ack = hl7::parse_ack(bytes.view());
  if (listens_ && ack && give(arrived_of(bytes, ack->control_id))) return;
  ++counters_.mismatched;
}

/// Its answer may be given to it now.
bool Destination::is_open(const Item& item) { return item.in_flight && !item.elsewhere; }

/// How well the answer fits a message that waits for one, or whose earlier attempt may still get one: that one is given
/// nothing, and yet the answer can be its own.
AnswerFit Destination::fit_of(const Item& item, const ArrivedAnswer& arrived) const {
  if ((!is_open(item) && !item.doubtful) || item.control_id.empty()) return AnswerFit::none;
  const Answer answer = read_answer(arrived.bytes, item, false);
  if (answer.kind == AnswerKind::mismatched || answer.kind == AnswerKind::garbage) return AnswerFit::none;
  const std::string_view sent = item.bytes.view();
  const bool sender = header_field(sent, 5) == arrived.application && header_field(sent, 6) == arrived.facility;
  return sender ? AnswerFit::by_id_and_sender : AnswerFit::by_id;
}

Destination::Worker* Destination::fitting(const ArrivedAnswer& arrived, AnswerFit* best) const {
  Worker* found = nullptr;
  *best = AnswerFit::none;
  for (const auto& worker : workers_) {
    if (worker->current == nullptr) continue;
    const AnswerFit fits = fit_of(*worker->current, arrived);
    if (fits == AnswerFit::none || fits < *best) continue;
    const bool certain = fits > *best && is_open(*worker->current);  // of two of one id nobody knows which one it answers
    found = certain ? worker.get() : nullptr;
    *best = fits;
  }
  for (const Late& late : late_) {
    if (late.until <= now() || late.control_id != arrived.control_id) continue;
    const bool sender = late.application == arrived.application && late.facility == arrived.facility;
    const AnswerFit fits = sender ? AnswerFit::by_id_and_sender : AnswerFit::by_id;
    if (fits < *best) continue;
    found = nullptr;
    *best = fits;
  }
  return found;
}

void Destination::remember_late(const Item& item) {
  while (!late_.empty() && (late_.front().until <= now() || late_.size() >= kMostLate)) late_.pop_front();
  if (!listens_ || !item.doubtful || item.control_id.empty()) return;
  const std::string_view sent = item.bytes.view();
  late_.push_back({item.control_id, std::string(header_field(sent, 5)), std::string(header_field(sent, 6)),
                   now() + policy_.application_within});
}

AnswerFit Destination::fit(const ArrivedAnswer& arrived) const {
  AnswerFit best = AnswerFit::none;
  static_cast<void>(fitting(arrived, &best));
  return best;
}

/// To the message that it fits best; a commit acknowledgement decides nothing here.
bool Destination::give(const ArrivedAnswer& arrived) {
  AnswerFit best = AnswerFit::none;
  Worker* const found = fitting(arrived, &best);
  if (found == nullptr) return false;
  Item& item = *found->current;
  Answer answer = read_answer(arrived.bytes, item, false);
  if (answer.kind == AnswerKind::accepted && answer.code == "CA") return true;
  item.elsewhere = std::move(answer);
  item.answered.notify_all();
  if (found->listening) found->connection->interrupt();
  return true;
}

env::Task<bool> Destination::durable_until(std::uint64_t outcome, SteadyTime deadline) {
  while (durable_outcomes_ < outcome && undurable_outcomes_ > 0 && now() < deadline) co_await durable_.wait(deadline);
  co_return durable_outcomes_ >= outcome || undurable_outcomes_ == 0;
}

/// The receiver asks that its answer be acknowledged (MSH-15 of the answer; in original mode none is).
bool Destination::owes_commit(const Answer& answer) const {
  if (!answer.here || answer.bytes.empty() || answer.kind == AnswerKind::mismatched || answer.kind == AnswerKind::garbage)
    return false;
  const plan::AckCondition asked = asked_of(answer.bytes.view()).accept;
  return asked == plan::AckCondition::always || asked == plan::AckCondition::on_success;
}

env::Task<void> Destination::commit_answer(Worker* worker, SharedBytes answer) {
  const SteadyTime deadline = now() + kDurableWithin;
  const bool durable = co_await durable_until(given_outcomes_, deadline);
  if (!durable) co_return;
  Result<hl7::Message> parsed = hl7::Message::parse(answer.view());
  if (!parsed) co_return;
  const std::string time = to_hl7_timestamp(env_.clock.wall());
  const std::string id = new_control_id(env_.random);
  hl7::AckContent content;
  content.code = hl7::AckCode::ca;
  content.timestamp = time;
  content.control_id = id;
  std::string text;
  hl7::build_ack(*parsed, content, text);
  const SharedBytes commit(std::move(text));
  transport::Sent sent = co_await worker->connection->post(commit, deadline + kDurableWithin);
  if (sent.outcome == transport::Sent::Outcome::answered) take_stray(worker, sent.answer);
}

env::Task<bool> Destination::take(ArrivedAnswer arrived) {
  AnswerFit best = AnswerFit::none;
  Worker* const worker = fitting(arrived, &best);
  if (worker == nullptr || stopping_) co_return false;
  const std::shared_ptr<Item> item = worker->current;
  if (!give(arrived)) co_return false;
  const SteadyTime deadline = now() + kDurableWithin;
  while (item->elsewhere && now() < deadline) co_await item->settled.wait(deadline);
  if (item->elsewhere) co_return false;
  const bool durable = co_await durable_until(given_outcomes_, deadline);
  co_return durable;
}

}  // namespace smarthl7::flow

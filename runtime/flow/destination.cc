// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/destination.h"

#include <algorithm>
#include <bit>

#include "runtime/env/crash_point.h"
#include "runtime/flow/answer_batch.h"
#include "runtime/flow/destination_parts.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::flow {

namespace {

constexpr std::uint32_t kMismatchesToHold = 2;
constexpr std::uint32_t kTracedOneByOne =
    10;  // attempts of a kind; later ones at powers of two, so a week without partner stays readable
constexpr std::size_t kMostDetail = 1024;
constexpr std::chrono::nanoseconds kMostRetryAfter = std::chrono::hours(1);  // longer, and a receiver's slip stops its lane

std::chrono::nanoseconds micros(std::uint64_t count) { return std::chrono::microseconds(static_cast<std::int64_t>(count)); }

/// As it stands in the route file; none for `order none`.
std::string order_text(const plan::Plan& plan, const plan::Destination& destination, plan::Id own) {
  switch (destination.order) {
    case plan::Order::fifo: return "fifo";
    case plan::Order::patient: return "by patient";
    case plan::Order::none: return "";
    case plan::Order::keys: break;
  }
  const auto step =
      std::ranges::find_if(plan.steps, [own](const plan::Step& s) { return s.op == plan::StepOp::deliver && s.a == own; });
  std::string out = "by";
  if (step == plan.steps.end()) return out;
  for (std::uint32_t i = 0; i < step->list.count; ++i) {
    const plan::Expr& expr = plan.exprs[plan.lists[step->list.first + i]];
    const bool path = expr.op == plan::ExprOp::read || expr.op == plan::ExprOp::read_raw;
    out += (i == 0 ? " " : ", ") +
           (path ? std::string(plan.text(plan.paths[expr.a].text)) : std::to_string(static_cast<int>(expr.op)));
  }
  return out;
}

}  // namespace

std::string cut_detail(std::string text) {
  if (text.size() > kMostDetail) text.resize(kMostDetail);
  return text;
}

DestinationPolicy policy_of(const plan::Plan& plan, const plan::Destination& destination, std::uint32_t window_messages) {
  DestinationPolicy policy;
  policy.window_messages = window_messages;
  policy.name = plan.text(destination.name);
  policy.order = destination.order;
  policy.connections = destination.order == plan::Order::fifo ? 1 : std::max(1U, destination.connections);
  policy.ack_within = micros(destination.ack_within_micros);
  const auto own = static_cast<plan::Id>(&destination - plan.destinations.data());
  policy.ordered_by = order_text(plan, destination, own);
  for (const plan::Flow& flow : plan.flows) policy.responds = policy.responds || flow.respond_from == own;
  policy.awaited =
      std::ranges::any_of(plan.sources, [](const plan::Source& source) { return source.ack == plan::AckMode::when_delivered; });
  policy.asked = {destination.accept_ack, destination.application_ack};
  policy.application_within = micros(destination.application_within_micros);
  policy.answers = {destination.match, destination.match_prefix, destination.on_ae, destination.on_ar};
  policy.after_refusal = destination.after_refusal;
  policy.exactly_once = destination.exactly_once;
  policy.remembers = micros(destination.idempotent_within_micros);
  policy.express = std::ranges::any_of(
      plan.steps, [own](const plan::Step& step) { return step.op == plan::StepOp::deliver && step.a == own && step.urgent; });
  policy.pace_messages = destination.pace_messages;
  policy.pace_within = micros(destination.pace_micros);
  if (destination.retry == plan::kNone) return policy;
  const plan::Retry& retry = plan.retries[destination.retry];
  policy.first_pause = micros(retry.first_micros);
  policy.most_pause = micros(std::max(retry.most_micros, retry.first_micros));
  policy.jitter_percent = retry.jitter_percent;
  policy.give_up_after = micros(retry.give_up_micros);
  policy.give_up_attempts = retry.give_up_attempts;
  policy.unreachable_give_up_after = micros(retry.unreachable_give_up_micros);
  return policy;
}

std::string_view name_of(LaneState state) {
  switch (state) {
    case LaneState::idle: return "idle";
    case LaneState::sending: return "sending";
    case LaneState::waiting: return "waiting";
    case LaneState::retrying: return "retrying";
    case LaneState::paced: return "paced";
    case LaneState::rejected: return "rejected";
    case LaneState::held: return "held";
    case LaneState::stopped: return "stopped";
  }
  SMARTHL7_UNREACHABLE("a lane state without a name");
}

Destination::Destination(DestinationPolicy policy, store::Store& store, env::Env env)
    : policy_(std::move(policy)), listens_(policy_.application_within.count() > 0), store_(store), env_(env) {
  const bool one_queue = policy_.order == plan::Order::fifo || policy_.order == plan::Order::none;
  const std::size_t lanes = one_queue ? 1 : policy_.connections;
  for (std::size_t i = 0; i <= lanes; ++i) lanes_.push_back(std::make_unique<Lane>());
  held_.resize(lanes_.size());
}

Destination::~Destination() = default;

void Destination::prepare(Item& item) {
  const std::string_view body = item.released.body.view();
  item.doubtful = item.released.maybe_seen;
  if (hl7::begins_batch(body)) {  // it asks for nothing by itself, and its answer is a batch too
    item.bytes = item.released.body;
    item.batch = true;
    item.control_id = batch_id_of(body);
    return;
  }
  const Asked before = asked_of(body);
  Asked wanted = before;
  if (policy_.asked.accept != plan::AckCondition::as_sent) wanted.accept = policy_.asked.accept;
  if (policy_.asked.application != plan::AckCondition::as_sent) wanted.application = policy_.asked.application;
  item.bytes = wanted == before ? item.released.body : SharedBytes(asking(body, wanted));
  item.control_id = control_id_of(body);
  item.expect = expected(wanted, listens_);
  // An answer that nobody waits for may lie on the connection before the next message.
  const bool application = wanted.application != plan::AckCondition::as_sent && wanted.application != plan::AckCondition::never;
  item.leaves_strays = !listens_ && (item.expect == Expect::nothing || item.expect == Expect::refusal_only || application);
}

env::Task<Result<store::DestinationId>> Destination::start(const transport::Transport& transport,
                                                           const transport::Options& options) {
  for (std::uint32_t i = 0; i < policy_.connections; ++i) {
    auto worker = std::make_unique<Worker>();
    CO_TRY(worker->connection, transport.make_destination(options, env_));
    worker->lane = static_cast<std::uint16_t>(i % (lanes_.size() - 1));
    worker->since = env_.clock.wall();
    workers_.push_back(std::move(worker));
  }
  // Without `urgent` too: a plan that had it may have left something in the express lane.
  CO_TRY(express_connection_, transport.make_destination(options, env_));
  store::DestinationOptions wanted;
  wanted.name = policy_.name;
  wanted.lanes = static_cast<store::LaneNumber>(lanes_.size() - 1);
  wanted.order = policy_.ordered_by;
  wanted.express = policy_.express;
  wanted.keep_keys = policy_.express || policy_.after_refusal == plan::AfterRefusal::hold_key;
  wanted.remembers = std::chrono::duration_cast<std::chrono::seconds>(policy_.remembers);
  wanted.window_messages = policy_.window_messages;
  Result<store::DestinationId> opened = co_await store_.open_destination(std::move(wanted), this);
  if (!opened) co_return std::unexpected(std::move(opened).error());
  id_ = *opened;
  open_ = true;
  for (const auto& worker : workers_) {
    if (worker->running) continue;
    worker->running = true;
    ++running_workers_;
    gate_.spawn(work(worker.get()));
  }
  co_return id_;
}

env::Task<void> Destination::stop(SteadyTime deadline) {
  stopping_ = true;
  for (std::size_t i = 0; i < lanes_.size(); ++i) wake_lane(i);
  for (const auto& worker : workers_) {
    wake(*worker);
    if (worker->state != LaneState::sending) worker->connection->close();
  }
  while (running_workers_ > 0 && now() < deadline) co_await worker_ended_.wait(deadline);
  ending_ = true;
  for (const auto& worker : workers_) {
    worker->connection->close();
    if (worker->current != nullptr) worker->current->answered.notify_all();
  }
  co_await gate_.drained();
  if (!open_) co_return;
  open_ = false;
  Result<void> closed = co_await store_.close_destination(id_);
  if (!closed && closed.error().code != ErrorCode::stopped)
    for (const auto& worker : workers_) worker->last_error = closed.error().describe();
  if (closed) store_.give_back(never_sent());
}

/// Of what the store has released: the messages of which no byte went to the receiver, in this run or an earlier one.
std::vector<store::DeliveryId> Destination::never_sent() const {
  std::vector<store::DeliveryId> out = too_late_;
  const auto look = [&out](const std::deque<std::shared_ptr<Item>>& items) {
    for (const auto& item : items)
      if (item->attempts == 0 && !item->ended && !item->released.maybe_seen) out.push_back(item->released.delivery);
  };
  for (const auto& lane : lanes_) look(lane->queue);
  look(parked_);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());  // a barrier stands in several lanes
  return out;
}

void Destination::resume() {
  release_parked();
  for (const auto& worker : workers_) {
    worker->resumed = true;
    wake(*worker);
  }
}

void Destination::on_released(std::vector<store::Released> batch) {
  if (stopping_) {
    for (const store::Released& released : batch)
      if (!released.maybe_seen) too_late_.push_back(released.delivery);
    return;
  }
  for (store::Released& released : batch) {
    auto item = std::make_shared<Item>();
    item->released = std::move(released);
    prepare(*item);
    for (const store::LaneNumber number : item->released.lanes) {
      SMARTHL7_ASSERT(number < lanes_.size(), "the store released into a lane that there is not");
      lanes_[number]->queue.push_back(item);
      if (number + 1U == lanes_.size()) add_express_worker();
    }
  }
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (!lanes_[i]->queue.empty()) wake_lane(i);
}

void Destination::on_durable(std::size_t outcomes) {
  undurable_outcomes_ -= std::min(undurable_outcomes_, outcomes);
  durable_outcomes_ += outcomes;
  durable_.notify_all();
}

void Destination::on_response(store::MessageId message, const store::Response& response) {
  if (on_response_) on_response_(message, id_, response);
}

void Destination::on_outcome(store::DeliveryId delivery, store::OutcomeKind kind) {
  if (on_outcome_) on_outcome_(delivery, kind);
}

void Destination::enter(Worker& worker, LaneState state) {
  if (worker.state == state) return;
  if (worker.state == LaneState::sending) --in_flight_;
  if (state == LaneState::sending) ++in_flight_;
  worker.state = state;
  worker.since = env_.clock.wall();
}

void Destination::meet(Worker& worker, Trouble trouble) const {
  if (worker.trouble == trouble) return;
  worker.trouble = trouble;
  worker.trouble_since = now();
}

env::Task<void> Destination::work(Worker* worker) {
  Lane& lane = *lanes_[worker->lane];
  while (!stopping_) {
    if (!held_[worker->lane].empty()) {
      co_await stand_while_held(worker);
      continue;
    }
    if (lane.queue.empty()) {
      enter(*worker, LaneState::idle);
      co_await rest(worker, &lane.changed, kNever);
      continue;
    }
    const std::shared_ptr<Item> item = lane.queue.front();
    if (policy_.order == plan::Order::none) {
      lane.queue.pop_front();
    } else if (item->released.lanes.size() > 1) {
      // A barrier: the worker of the lane that it comes to head last sends it; the others stand still until it is done.
      if (worker->counted != item.get()) {
        worker->counted = item.get();
        if (++item->heads == item->released.lanes.size()) item->sender = worker;
      }
      if (item->sender != worker) {
        enter(*worker, LaneState::waiting);
        co_await rest(worker, &lane.changed, kNever);
        continue;
      }
    }
    if (is_blocked(*item)) {
      if (can_park(*item)) {
        park(item);
        finish(*worker, item);
        continue;
      }
      co_await hold(worker, "too many messages wait behind refused ones of their keys; the lane waits for a person");
      continue;
    }
    worker->current = item;
    item->sending = true;
    co_await deliver(worker, item.get());
    item->sending = false;
    worker->current.reset();
    if (stopping_) {
      if (policy_.order == plan::Order::none) lane.queue.push_front(item);
      break;
    }
    if (!item->ended) park(item);  // refused, and its key is held
    finish(*worker, item);
  }
  enter(*worker, LaneState::stopped);
  --running_workers_;
  worker_ended_.notify_all();
}

void Destination::finish(Worker& worker, const std::shared_ptr<Item>& item) {
  worker.counted = nullptr;
  remember_late(*item);
  if (policy_.order == plan::Order::none) return;
  for (const store::LaneNumber number : item->released.lanes) {
    Lane& lane = *lanes_[number];
    SMARTHL7_ASSERT(!lane.queue.empty() && lane.queue.front() == item, "a message ended that did not head its lane");
    lane.queue.pop_front();
    for (const auto& other : workers_)
      if (other->lane == number) other->counted = nullptr;
    if (number != worker.lane) wake_lane(number);
  }
}

env::Task<void> Destination::deliver(Worker* worker, Item* item) {
  if (item->released.maybe_seen) ++counters_.resent;
  Attempted attempted = Attempted::again;
  while (attempted == Attempted::again && !stopping_) {
    if (held_why(*worker) != nullptr) {
      co_await stand_while_held(worker);
      continue;
    }
    const bool may_go = co_await within_memory(worker, item);
    if (!may_go) break;
    attempted = co_await attempt(worker, item);
  }
}

env::Task<Destination::Attempted> Destination::attempt(Worker* worker, Item* item) {
  enter(*worker, LaneState::sending);
  transport::Destination& connection = *worker->connection;
  if ((listens_ || worker->strays) && connection.connected()) co_await take_what_came(worker);
  renew_for_same_id(*worker, *item);
  if (!connection.connected()) {
    Result<void> connected = co_await connection.connect(now() + policy_.connect_within);
    if (!connected) {
      if (stopping_) co_return Attempted::stopping;
      Error error = std::move(connected).error();
      Attempted result = co_await unreachable(worker, item, std::move(error));
      co_return result;
    }
  }
  const bool turn = co_await take_turn(worker);
  if (!turn) co_return Attempted::stopping;
  enter(*worker, LaneState::sending);
  const WallTime sent_at = env_.clock.wall();
  const SteadyTime deadline = now() + policy_.ack_within;
  item->in_flight = true;
  worker->strays = worker->strays || item->leaves_strays;
  // The same bytes, so the same control id, on every attempt: a receiver can tell a copy.
  connection.set_delivery(item->released.delivery.message, item->released.delivery.number);
  env::Task<transport::Sent> sending =
      item->expect == Expect::answer ? connection.send(item->bytes, deadline) : connection.post(item->bytes, deadline);
  transport::Sent sent = co_await sending;
  if (sent.outcome == transport::Sent::Outcome::not_sent) {
    if (stopping_) co_return Attempted::stopping;
    if (sent.error.code == ErrorCode::invalid) {  // bytes that this transport cannot carry will not become others
      give_up(*item, "cannot be sent", sent.error.describe());
      co_return Attempted::ended;
    }
    if (!item->gone_stale && sent.error.code != ErrorCode::refused) {  // an idle connection was closed: no reason to wait
      item->gone_stale = true;
      connection.close();
      co_return Attempted::again;
    }
    connection.close();
    Attempted result = co_await unreachable(worker, item, std::move(sent.error));
    co_return result;
  }
  item->gone_stale = false;
  if (!item->first_sent) item->first_sent = item->released.maybe_seen ? item->released.released_at : sent_at;
  ++item->attempts;
  if (item->attempts + item->released.attempts_before > 1) ++counters_.retries;
  Answer answer = co_await awaited_answer(worker, item, std::move(sent), deadline);
  item->in_flight = false;
  item->elsewhere.reset();
  item->settled.notify_all();  // once what the answer means was handed to the store, below
  if (answer.kind == AnswerKind::none || answer.kind == AnswerKind::mismatched || answer.kind == AnswerKind::garbage) {
    connection.close();  // so that a late answer is never taken for another message's
    item->doubtful = true;
    if (stopping_) co_return Attempted::stopping;
    const bool mismatched = answer.kind == AnswerKind::mismatched;
    Attempted result = co_await unanswered(worker, item, std::move(answer.detail), mismatched);
    co_return result;
  }
  const SharedBytes owed = owes_commit(answer) ? answer.bytes : SharedBytes();
  const bool refused = answer.kind != AnswerKind::accepted;
  if (!owed.empty() && refused) co_await commit_answer(worker, owed);  // the message goes on to be tried or given up
  Attempted result = co_await judge(worker, item, std::move(answer));
  if (!owed.empty() && !refused) co_await commit_answer(worker, owed);
  co_return result;
}

/// Another message of the control id that went out last (other bytes that `dedup` took, parts of such) goes over a new
/// connection: a doubled answer to the one before would be taken for its own.
void Destination::renew_for_same_id(Worker& worker, const Item& item) {
  const std::size_t id = std::hash<std::string_view>{}(item.control_id);
  const bool same = worker.last_id == id && worker.last != item.released.delivery && !item.control_id.empty();
  worker.last_id = id;
  worker.last = item.released.delivery;
  if (same && worker.connection->connected()) worker.connection->close();
}

env::Task<Destination::Attempted> Destination::judge(Worker* worker, Item* item, Answer answer) {
  env::crash_point(env::CrashPoint::between_answer_and_outcome);
  item->first_silence = kNever;
  item->mismatches = 0;
  if (answer.kind == AnswerKind::accepted) {
    worker->last_error.clear();
    meet(*worker, Trouble::none);
    accepted(*item, answer);
    co_return Attempted::ended;
  }
  ++counters_.refused;
  meet(*worker, Trouble::refused);
  worker->last_error = "refused: " + answer.code;
  if (item->first_refusal == kNever) item->first_refusal = first_refusal_of(*item);
  const std::uint32_t attempts = item->released.attempts_before + item->attempts;
  const bool too_many = policy_.give_up_attempts != 0 && attempts >= policy_.give_up_attempts;
  const bool too_long = policy_.give_up_after.count() != 0 && now() - item->first_refusal >= policy_.give_up_after;
  const bool error_again = answer.kind == AnswerKind::refused && ++item->errors >= kRefusedForGoodAfter;
  const bool for_good = answer.kind == AnswerKind::refused_for_good || error_again;
  if (for_good || too_many || too_long) {
    if (holds_keys() && !item->released.keys.empty() && can_park(*item)) {
      note(*item, std::string(name_of(AnswerKind::refused_for_good)), answer.detail);
      item->refusal = for_good ? "refused for good" : "refused until giving up";
      item->refused_by = std::move(answer);
      co_return Attempted::held;
    }
    if (policy_.after_refusal != plan::AfterRefusal::go_on) {
      note(*item, std::string(name_of(AnswerKind::refused_for_good)), answer.detail);
      co_await hold(worker, "a message was refused; the lane waits for a person");
      if (stopping_) co_return Attempted::stopping;
    }
    give_up(*item, for_good ? "refused for good" : "refused until giving up", answer.detail, answer.bytes);
    co_return Attempted::ended;
  }
  note(*item, std::string(store::kRefusedForNow), answer.detail);
  const auto length = std::max(pause_after(item->failures++), std::min(answer.retry_after, kMostRetryAfter));
  Attempted result = co_await pause(worker, length, LaneState::retrying);
  co_return result;
}

env::Task<Destination::Attempted> Destination::unreachable(Worker* worker, Item* item, Error error) {
  ++counters_.unreachable;
  meet(*worker, error.code == ErrorCode::refused ? Trouble::credentials : Trouble::unreachable);
  worker->last_error = error.describe();
  if (item->first_silence == kNever) item->first_silence = now();
  const auto silence = now() - item->first_silence;
  if (policy_.unreachable_give_up_after.count() != 0 && silence >= policy_.unreachable_give_up_after) {
    give_up(*item, "unreachable for too long", worker->last_error);
    co_return Attempted::ended;
  }
  const bool rejected = error.code == ErrorCode::refused;
  note(*item, rejected ? "credentials rejected" : "unreachable", worker->last_error, false);
  auto length = pause_after(item->failures++);
  if (rejected) length = std::max({length, policy_.most_pause, policy_.rejected_pause});
  Attempted result = co_await pause(worker, length, rejected ? LaneState::rejected : LaneState::retrying);
  co_return result;
}

env::Task<Destination::Attempted> Destination::unanswered(Worker* worker, Item* item, std::string detail, bool mismatched) {
  ++counters_.unanswered;
  meet(*worker, mismatched ? Trouble::mismatched : Trouble::unanswered);
  worker->last_error = mismatched ? "the answer was for another message" : "no answer";
  note(*item, mismatched ? "mismatched answer" : "unanswered", std::move(detail));
  if (mismatched && ++item->mismatches >= kMismatchesToHold) {
    co_await hold(worker, "answers for other messages, twice for one message");
    item->mismatches = 0;
    co_return stopping_ ? Attempted::stopping : Attempted::again;
  }
  if (item->first_silence == kNever) item->first_silence = now();
  const auto silence = now() - item->first_silence;
  if (policy_.unreachable_give_up_after.count() != 0 && silence >= policy_.unreachable_give_up_after) {
    give_up(*item, "unanswered for too long", worker->last_error);
    co_return Attempted::ended;
  }
  Attempted result = co_await pause(worker, pause_after(item->failures++), LaneState::retrying);
  co_return result;
}

env::Task<Destination::Attempted> Destination::pause(Worker* worker, std::chrono::nanoseconds length, LaneState state) {
  enter(*worker, state);
  worker->resumed = false;
  const SteadyTime until = now() + length;
  while (!stopping_ && !worker->resumed && now() < until && held_why(*worker) == nullptr)
    co_await rest(worker, &worker->wake, until);
  co_return stopping_ ? Attempted::stopping : Attempted::again;
}

env::Task<void> Destination::hold(Worker* worker, std::string why) {
  enter(*worker, LaneState::held);
  worker->last_error = std::move(why);
  worker->resumed = false;
  while (!stopping_ && !worker->resumed) co_await rest(worker, &worker->wake, kNever);
}

std::chrono::nanoseconds Destination::pause_after(std::uint32_t failures) {
  auto length = policy_.first_pause;
  for (std::uint32_t i = 0; i < failures && length < policy_.most_pause; ++i) length *= 2;
  length = std::min(length, policy_.most_pause);
  const auto spread = static_cast<std::uint64_t>(length.count()) * policy_.jitter_percent / 100;
  if (spread == 0) return length;
  const auto off = static_cast<std::int64_t>(env_.random.next() % (2 * spread + 1)) - static_cast<std::int64_t>(spread);
  return length + std::chrono::nanoseconds(off);
}

void Destination::accepted(Item& item, const Answer& answer) {
  const WallTime at = env_.clock.wall();
  item.ended = true;
  ++counters_.delivered;
  delivery_time_.add(at - item.released.received_at);
  store::Outcome outcome;
  outcome.delivery = item.released.delivery;
  outcome.answer = cut_detail(answer.detail);
  outcome.attempts = item.released.attempts_before + item.attempts;
  outcome.at = at;
  if (policy_.responds) outcome.response = answer.bytes;
  outcome.awaited = policy_.awaited;
  ++undurable_outcomes_;
  ++given_outcomes_;
  store_.outcome(std::move(outcome));
}

void Destination::give_up(Item& item, std::string reason, std::string answer, SharedBytes response) {
  item.ended = true;
  ++counters_.dead;
  store::Outcome outcome;
  outcome.delivery = item.released.delivery;
  outcome.kind = store::OutcomeKind::dead;
  outcome.reason = std::move(reason);
  outcome.answer = cut_detail(std::move(answer));
  outcome.attempts = item.released.attempts_before + item.attempts;
  outcome.at = env_.clock.wall();
  if (policy_.responds) outcome.response = std::move(response);
  outcome.awaited = policy_.awaited;
  ++undurable_outcomes_;
  ++given_outcomes_;
  store_.outcome(std::move(outcome));
}

/// `reached`: the receiver may have seen the message; the first of these is always in the trace.
void Destination::note(Item& item, std::string outcome, std::string detail, bool reached) {
  const std::uint32_t number = ++(reached ? item.noted : item.noted_unreachable);
  if (number > kTracedOneByOne && !std::has_single_bit(number)) return;
  store::Attempt attempt;
  attempt.delivery = item.released.delivery;
  attempt.number = item.released.attempts_before + item.attempts;
  attempt.outcome = std::move(outcome);
  attempt.detail = cut_detail(std::move(detail));
  attempt.at = env_.clock.wall();
  store_.attempt(std::move(attempt));
}

DestinationSnapshot Destination::snapshot() const {
  DestinationSnapshot result;
  result.name = policy_.name;
  result.counters = counters_;
  result.in_flight = in_flight_;
  result.delivery_time = delivery_time_;
  result.pace_messages = policy_.pace_messages;
  result.pace_within = policy_.pace_within;
  for (const auto& item : parked_) ++(item->refusal.empty() ? result.parked : result.held);
  result.waiting = parked_.size();
  const auto older = [&result](const Item& item) {
    result.oldest = std::min(result.oldest.value_or(item.released.received_at), item.released.received_at);
  };
  for (const auto& lane : lanes_) {
    result.waiting += lane->queue.size();
    if (!lane->queue.empty()) older(*lane->queue.front());
  }
  if (!parked_.empty()) older(*parked_.front());
  for (const auto& worker : workers_) {
    result.address = worker->connection->address();
    LaneStatus status;
    status.lane = worker->lane;
    status.state = worker->state;
    status.connected = worker->connection->connected();
    status.since = worker->since;
    status.last_error = worker->last_error;
    status.trouble = worker->trouble;
    status.trouble_since = worker->trouble_since;
    status.held_by_person = worker->state == LaneState::held && held_why(*worker) != nullptr;
    status.waiting = lanes_[worker->lane]->queue.size();
    if (worker->current != nullptr) {
      older(*worker->current);
      status.head = worker->current->released.delivery;
      status.head_received = worker->current->released.received_at;
      status.attempts = worker->current->released.attempts_before + worker->current->attempts;
    }
    result.lanes.push_back(std::move(status));
  }
  return result;
}

}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake.h"

#include <algorithm>

#include "runtime/env/crash_point.h"

namespace smarthl7::flow {

namespace {

std::uint32_t micros_between(SteadyTime from, SteadyTime to) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(micros, 0, 0xFFFFFFFF));
}

std::string type_of(const hl7::Message& message) {
  std::string type(message.message_code());
  type += '^';
  type += message.trigger_event();
  return type;
}

/// "2.1" .. "2.9", "2.5.1": what HL7 v2 has ever called a version.
bool is_version(std::string_view version) {
  if (version.size() != 3 && version.size() != 5) return false;
  if (!version.starts_with("2.") || version[2] < '1' || version[2] > '9') return false;
  return version.size() == 3 || (version[3] == '.' && version[4] >= '1' && version[4] <= '9');
}

}  // namespace

Intake::Intake(std::shared_ptr<const eval::BoundPlan> plan, plan::Id source, store::Store& store,
               std::span<const std::unique_ptr<Reactor>> reactors, std::span<const store::DestinationId> destinations,
               const AnswerRoutes* routes)
    : plan_(std::move(plan)),
      source_(source),
      name_(plan_->plan().text(plan_->plan().sources[source].name)),
      store_(store),
      destinations_(destinations),
      responder_(plan_->plan(), source, destinations),
      routes_(routes),
      shards_(reactors.size()) {
  for (std::size_t i = 0; i < reactors.size(); ++i) shards_[i].reactor = reactors[i].get();
}

Intake::Shard& Intake::here() {
  const env::Executor* current = env::Executor::current();
  for (Shard& shard : shards_)
    if (&shard.reactor->env.executor == current) return shard;
  SMARTHL7_UNREACHABLE("a message came on an executor that is none of the engine's");
}

// The order is sacred: frame, verdict (pure), one commit, acknowledge. Nothing may be answered between the verdict and
// the commit that would let the sender forget the message.
env::Task<transport::Reply> Intake::on_message(transport::Received received) {
  env::crash_point(env::CrashPoint::in_receive);
  Shard& shard = here();
  ++shard.counters.received;
  transport::Reply reply;
  reply.token = static_cast<std::uint64_t>(received.at_steady.time_since_epoch().count());

  if (routes_ != nullptr && AnswerRoutes::may_be_answer(received.message.view())) {
    const bool taken = co_await routes_->route(received.message);
    if (taken) {
      ++shard.counters.answers;
      reply.answer = commit_answer(shard, received.message);
      co_return reply;
    }
  }

  store::NewMessage message = judge(shard, received);
  const std::optional<store::RespondsFrom> respond = message.respond;
  const bool rejected = message.verdict == store::Verdict::rejected;
  if (rejected) {
    ++shard.counters.rejected;
    if (!may_record_reject(shard)) {
      ++shard.counters.unrecorded;
      reply.answer = std::move(message.acknowledgement);
      co_return reply;
    }
  }

  Result<store::Accepted> accepted = co_await store_.accept(std::move(message));

  if (!accepted) {
    ++shard.counters.not_stored;
    reply.kept = false;
    reply.answer = cannot_store(shard, received.message);
    co_return reply;
  }
  env::crash_point(env::CrashPoint::between_commit_and_ack);
  if (accepted->conflict) ++shard.counters.conflicts;
  if (accepted->duplicate) {
    ++shard.counters.duplicates;
  } else if (!rejected) {
    ++shard.counters.accepted;
  }
  if (respond && accepted->response_of != 0) {
    responder_.answer(*shard.reactor, received.message, respond->destination, *accepted, reply);
    co_return reply;
  }
  reply.answer = std::move(accepted->acknowledgement);
  co_return reply;
}

store::NewMessage Intake::judge(Shard& shard, const transport::Received& received) {
  env::Executor& executor = shard.reactor->env.executor;
  store::NewMessage message;
  message.source = name_;
  message.connection = received.peer ? received.peer->connection : 0;
  message.received_at = received.at;
  message.plan = plan_->digest();
  message.body = received.message;

  hl7::Message& index = shard.reactor->message;
  Result<void> indexed = received.problem == transport::Problem::none ? index.reset(received.message)
                                                                      : fail(ErrorCode::invalid, "no message header (MSH)");
  message.stage_micros[0] = micros_between(received.at_steady, executor.now());
  if (!indexed) {
    message.verdict = store::Verdict::rejected;
    message.reason = indexed.error().text;
    message.acknowledgement = shard.reactor->acknowledger.no_header();
    return message;
  }
  message.type = type_of(index);
  message.control_id = index.control_id();
  if (fits_header(shard, message)) {
    const eval::Effects& effects = shard.reactor->evaluator->evaluate(source_, index);
    message.stage_micros[1] = message.stage_micros[2] = micros_between(received.at_steady, executor.now());
    take_effects(shard, effects, message);
  }
  message.stage_micros[3] = micros_between(received.at_steady, executor.now());
  return message;
}

void Intake::refuse(Shard& shard, store::NewMessage& message, hl7::Verdict verdict, hl7::Finding finding) {
  message.verdict = store::Verdict::rejected;
  message.reason = finding.text;
  message.acknowledgement =
      shard.reactor->acknowledger.acknowledge(shard.reactor->message, verdict, std::span<const hl7::Finding>(&finding, 1));
}

/// What the header alone decides, before any flow sees the message.
bool Intake::fits_header(Shard& shard, store::NewMessage& message) {
  const hl7::Message& index = shard.reactor->message;
  if (index.control_id().empty()) {
    refuse(shard, message, hl7::Verdict::error, header_finding(index, 101, 10, "MSH-10 (message control id) is required"));
    return false;
  }
  if (!is_version(index.version())) {
    refuse(shard, message, hl7::Verdict::reject, header_finding(index, 203, 12, "MSH-12 is not a version of HL7 v2"));
    return false;
  }
  hl7::Finding finding;
  if (!accepts(index, &finding)) {
    refuse(shard, message, hl7::Verdict::reject, std::move(finding));
    return false;
  }
  return true;
}

bool Intake::accepts(const hl7::Message& message, hl7::Finding* finding) const {
  const plan::Plan& plan = plan_->plan();
  const auto& accepted = plan.sources[source_].accepts;
  if (accepted.empty()) return true;
  bool code_known = false;
  for (const plan::AcceptedType& type : accepted) {
    if (plan.text(type.code) != message.message_code()) continue;
    code_known = true;
    const std::string& trigger = plan.text(type.trigger);
    if (trigger.empty() || trigger == message.trigger_event()) return true;
  }
  *finding = code_known ? header_finding(message, 201, 9, "this source does not take that trigger event")
                        : header_finding(message, 200, 9, "this source does not take that message type");
  return false;
}

void Intake::take_effects(Shard& shard, const eval::Effects& effects, store::NewMessage& message) {
  const hl7::Message& index = shard.reactor->message;
  Acknowledger& acknowledger = shard.reactor->acknowledger;
  shard.counters.misfits += effects.misfits;
  shard.counters.misfitting += effects.misfits == 0 ? 0 : 1;
  if (effects.verdict != eval::Verdict::accept) {
    const hl7::Verdict verdict = effects.verdict == eval::Verdict::reject ? hl7::Verdict::reject : hl7::Verdict::error;
    message.verdict = store::Verdict::rejected;
    message.reason = effects.reason;
    message.acknowledgement = acknowledger.acknowledge(index, verdict, effects.findings);
    return;
  }
  message.acknowledgement = acknowledger.acknowledge(index, hl7::Verdict::accept, {});
  const plan::Plan& plan = plan_->plan();
  responder_.ask(plan, effects, message);
  message.flows.reserve(effects.flows.size());
  for (const eval::FlowEffects& from : effects.flows) {
    store::FlowEffects& to = message.flows.emplace_back();
    to.flow = plan.text(plan.flows[from.flow].name);
    shard.counters.keyless += from.dedup_key_absent ? 1 : 0;
    shard.counters.findings += from.findings;
    if (from.dedup) {
      to.dedup = store::DedupClaim{from.dedup->key, from.dedup->content,
                                   std::chrono::seconds(static_cast<std::int64_t>(from.dedup->window_seconds)),
                                   from.dedup->reject_conflict};
      if (from.dedup->reject_conflict && message.conflict_acknowledgement.empty()) {
        const hl7::Finding finding = header_finding(index, 205, 10, "another message with this dedup key was taken before");
        message.conflict_acknowledgement =
            acknowledger.acknowledge(index, hl7::Verdict::error, std::span<const hl7::Finding>(&finding, 1));
      }
    }
    to.deliveries.reserve(from.deliveries.size());
    for (const eval::Delivery& delivery : from.deliveries) {
      store::NewDelivery& added = to.deliveries.emplace_back();
      added.destination = destinations_[delivery.destination];
      added.keys = delivery.keys;
      if (delivery.body) added.body = *delivery.body;
    }
    for (const eval::Ending& ending : from.endings) {
      store::Ending& added = to.endings.emplace_back();
      added.kind = ending.dead ? store::Ending::Kind::dead : store::Ending::Kind::dropped;
      added.reason = ending.reason;
      if (ending.body) added.body = *ending.body;
    }
  }
}

bool Intake::may_record_reject(Shard& shard) const {
  const auto second =
      std::chrono::duration_cast<std::chrono::seconds>(shard.reactor->env.executor.now().time_since_epoch()).count();
  if (second != shard.second) {
    shard.second = second;
    shard.recorded = 0;
  }
  return shard.recorded++ < kRecordedRejectsPerSecond;
}

/// Of an answer that a delivery waited for: acknowledged only if it asks for it (never in original mode).
SharedBytes Intake::commit_answer(Shard& shard, const SharedBytes& body) {
  hl7::Message& index = shard.reactor->message;
  if (!index.reset(body)) return {};
  return shard.reactor->acknowledger.acknowledge(index, hl7::Verdict::accept, {});
}

SharedBytes Intake::cannot_store(Shard& shard, const SharedBytes& body) {
  hl7::Message& index = shard.reactor->message;
  if (!index.reset(body)) return shard.reactor->acknowledger.no_header();
  return shard.reactor->acknowledger.cannot_store(index);
}

void Intake::answer_written(std::uint64_t token, bool whole) {
  if (!whole) return;
  Shard& shard = here();
  const SteadyTime at{std::chrono::nanoseconds(static_cast<std::int64_t>(token))};
  shard.ack_time.add(shard.reactor->env.executor.now() - at);
}

void Intake::on_event(const transport::Event& event) {
  using transport::EventKind;
  if (event.kind == EventKind::broken || event.kind == EventKind::bad_frame || event.kind == EventKind::timed_out)
    ++here().counters.broken;
}

void Intake::add_to(SourceSnapshot& snapshot, std::size_t reactor) const {
  const Shard& shard = shards_[reactor];
  SourceCounters& sum = snapshot.counters;
  const SourceCounters& one = shard.counters;
  sum.received += one.received;
  sum.accepted += one.accepted;
  sum.rejected += one.rejected;
  sum.unrecorded += one.unrecorded;
  sum.duplicates += one.duplicates;
  sum.conflicts += one.conflicts;
  sum.not_stored += one.not_stored;
  sum.keyless += one.keyless;
  sum.findings += one.findings;
  sum.misfits += one.misfits;
  sum.misfitting += one.misfitting;
  sum.answers += one.answers;
  sum.broken += one.broken;
  snapshot.ack_time.add(shard.ack_time);
}

}  // namespace smarthl7::flow

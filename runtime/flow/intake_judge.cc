// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake_judge.h"

#include <algorithm>

#include "stdlib/hl7/missing_header.h"

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

/// A commit acknowledgement: the other side confirms an acknowledgement of ours.
bool is_commit_acknowledgement(const hl7::Message& message) {
  const auto msa = message.find("MSA");
  if (!msa) return false;
  const auto code = hl7::ack_code(message.segment(*msa).field(1).text());
  return code && (*code == hl7::AckCode::ca || *code == hl7::AckCode::ce || *code == hl7::AckCode::cr);
}

}  // namespace

Judge::Judge(std::shared_ptr<const eval::BoundPlan> plan, plan::Id source, Reactor& reactor,
             std::span<const store::DestinationId> destinations, SequenceBook& sequences, const Responder& responder,
             const Delivered& delivered)
    : flows(plan->plan().flows.size()),
      plan_(std::move(plan)),
      source_(source),
      name_(plan_->plan().text(plan_->plan().sources[source].name)),
      reactor_(reactor),
      destinations_(destinations),
      sequences_(sequences),
      responder_(responder),
      delivered_(delivered) {
  for (const plan::AcceptedType& type : this->source().accepts) {
    const std::string& code = plan_->plan().text(type.code);
    takes_acknowledgements_ = takes_acknowledgements_ || code == "ACK" || code == "MCF";
  }
}

Judged Judge::judge(const transport::Received& received, std::string note) {
  env::Executor& executor = reactor_.env.executor;
  Judged judged;
  store::NewMessage& message = judged.message;
  message.source = name_;
  message.connection = received.peer ? received.peer->connection : 0;
  message.received_at = received.at;
  message.plan = plan_->digest();
  message.body = received.message;
  message.reason = std::move(note);
  in_file_ = received.in_file.has_value();

  hl7::Message& index = reactor_.message;
  Result<void> indexed = received.problem == transport::Problem::none
                             ? index.reset(received.message)
                             : fail(ErrorCode::invalid, std::string(hl7::missing_header_text(received.message.view())));
  message.stage_micros[0] = micros_between(received.at_steady, executor.now());
  if (!indexed) {
    ++counters.rejected;
    message.verdict = store::Verdict::rejected;
    message.reason = indexed.error().text;
    message.acknowledgement = reactor_.acknowledger.no_header(received.message.view());
    if (!may_record_reject()) judged.fate = Judged::Fate::answer;
    return judged;
  }
  message.type = type_of(index);
  message.control_id = index.control_id();
  if (ends_here(judged)) return judged;
  if (fits_header(judged)) {
    const eval::Effects& effects = reactor_.evaluator->evaluate(source_, index);
    message.stage_micros[1] = message.stage_micros[2] = micros_between(received.at_steady, executor.now());
    for (const eval::TableUse& use : effects.tables)
      message.tables.push_back({plan_->plan().text(plan_->plan().tables[use.table].name), use.version, use.since});
    take_effects(judged, effects);
    if (!received.once_key.empty() && judged.fate != Judged::Fate::answer && message.verdict == store::Verdict::accepted)
      claim_once(received, message);
  }
  message.stage_micros[3] = micros_between(received.at_steady, executor.now());
  return judged;
}

void Judge::answer(store::NewMessage& message, Acknowledger::Case what) {
  const plan::Id destination = source().application_ack;
  what.elsewhere = what.elsewhere && destination != plan::kNone;
  what.charset = plan_->charset_of(source_);
  Answers answers = reactor_.acknowledger.acknowledge(reactor_.message, what);
  message.acknowledgement = std::move(answers.here);
  if (answers.elsewhere.empty()) return;
  store::NewDelivery& delivery = message.answers.emplace_back();
  delivery.destination = destinations_[destination];
  delivery.body = std::move(answers.elsewhere);
}

/// More rejects in a second than the store shall keep are only answered, and then so that nobody waits for a stored answer.
void Judge::reject(Judged& judged, hl7::Verdict verdict, std::span<const hl7::Finding> findings, std::string reason) {
  ++counters.rejected;
  judged.message.verdict = store::Verdict::rejected;
  judged.message.reason = std::move(reason);
  Acknowledger::Case what;
  what.verdict = verdict;
  what.findings = findings;
  what.elsewhere = true;
  if (judged.sequence.kind == SequenceRemark::Kind::gap) what.expected_sequence = expected_;
  if (!may_record_reject()) {
    judged.fate = Judged::Fate::answer;
    what.elsewhere = false;
    if (verdict == hl7::Verdict::error) what.verdict = hl7::Verdict::unfit;
  }
  answer(judged.message, what);
}

/// Messages that carry nothing for a flow: a commit acknowledgement of what we answered, and the start of a sequence.
bool Judge::ends_here(Judged& judged) {
  const hl7::Message& index = reactor_.message;
  if (!takes_acknowledgements_ && is_commit_acknowledgement(index)) {
    ++counters.consumed;
    judged.fate = Judged::Fate::answer;
    return true;
  }
  if (index.header(13).raw().empty()) return false;
  judged.sequence = sequences_.look(index);
  if (judged.sequence.kind == SequenceRemark::Kind::none) return false;
  judged.sequence_sender = SequenceBook::sender_of(index);
  expected_ = std::to_string(judged.sequence.expected);
  if (!is_link_message(index, judged.sequence)) return false;
  ++counters.links;
  sequences_.taken(judged.sequence_sender, judged.sequence);
  judged.fate = Judged::Fate::answer;
  Acknowledger::Case what;
  what.expected_sequence = expected_;
  answer(judged.message, what);
  return true;
}

/// What the header alone decides, before any flow sees the message.
bool Judge::fits_header(Judged& judged) {
  const hl7::Message& index = reactor_.message;
  const auto refuse = [&](hl7::Verdict verdict, const hl7::Finding& finding) {
    reject(judged, verdict, std::span<const hl7::Finding>(&finding, 1), finding.text);
    return false;
  };
  if (index.control_id().empty())
    return refuse(hl7::Verdict::unfit, header_finding(index, 101, 10, "MSH-10 (message control id) is required"));
  if (!is_version(index.version()))
    return refuse(hl7::Verdict::reject, header_finding(index, 203, 12, "MSH-12 is not a version of HL7 v2"));
  hl7::Finding finding;
  if (!accepts(index, &finding)) return refuse(hl7::Verdict::reject, finding);
  const bool gap = judged.sequence.kind == SequenceRemark::Kind::gap;
  const bool repeat = judged.sequence.kind == SequenceRemark::Kind::repeat;
  counters.sequence_gaps += gap ? 1 : 0;
  counters.sequence_repeats += repeat ? 1 : 0;
  if (gap && source().refuses_gaps) {
    return refuse(hl7::Verdict::unfit,
                  header_finding(index, 207, 13, "MSH-13 does not follow the last one; MSA-4 is the number to go on with"));
  }
  return true;
}

bool Judge::accepts(const hl7::Message& message, hl7::Finding* finding) const {
  const plan::Plan& plan = plan_->plan();
  const auto& accepted = source().accepts;
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

void Judge::take_effects(Judged& judged, const eval::Effects& effects) {
  counters.misfits += effects.misfits;
  counters.misfitting += effects.misfits == 0 ? 0 : 1;
  if (effects.verdict != eval::Verdict::accept) {
    const hl7::Verdict verdict = effects.verdict == eval::Verdict::reject ? hl7::Verdict::reject : hl7::Verdict::error;
    return reject(judged, verdict, effects.findings, effects.reason);
  }
  store::NewMessage& message = judged.message;
  if (const std::string remark = describe(judged.sequence); !remark.empty())
    message.reason += (message.reason.empty() ? "" : "; ") + remark;
  responder_.ask(plan_->plan(), effects, message);
  delivered_.ask(effects, destinations_, message);
  Acknowledger::Case what;
  what.only_commit = message.respond.has_value() || !message.awaited.empty();
  what.elsewhere = true;
  const auto kind = judged.sequence.kind;
  if (kind == SequenceRemark::Kind::start || kind == SequenceRemark::Kind::reset) what.expected_sequence = expected_;
  answer(message, what);
  message.flows.reserve(effects.flows.size());
  for (const eval::FlowEffects& from : effects.flows) take_flow(from, judged);
}

/// The sender's own name for this sending counts where a flow says nothing of copies. The same key with other bytes is a slip
/// of the sender: taken, it would be lost or doubled by the next retry, so it is refused.
void Judge::claim_once(const transport::Received& received, store::NewMessage& message) {
  for (store::FlowEffects& flow : message.flows) {
    if (flow.dedup) continue;
    std::string named = "once\n";
    for (const std::string_view part :
         {std::string_view(name_), std::string_view(flow.flow), std::string_view(received.once_key)})
      named.append(std::to_string(part.size())).append(":").append(part);
    flow.dedup = store::DedupClaim{keyed_hash(plan_->hash_key(), named), keyed_hash(plan_->hash_key(), received.message.view()),
                                   received.once_within, true};
    refuse_conflicts(message);
  }
}

/// What is answered if other bytes with this key were taken before.
void Judge::refuse_conflicts(store::NewMessage& message) {
  if (!message.conflict_acknowledgement.empty()) return;
  const hl7::Message& index = reactor_.message;
  const hl7::Finding finding = header_finding(index, 205, 10, "another message with this dedup key was taken before");
  Acknowledger::Case what;
  what.verdict = hl7::Verdict::unfit;
  what.findings = std::span<const hl7::Finding>(&finding, 1);
  message.conflict_acknowledgement = reactor_.acknowledger.acknowledge(index, what).here;
}

void Judge::count(const std::vector<Ended>& endings) {
  for (const Ended& ended : endings) ++(ended.dead ? flows[ended.flow].dead : flows[ended.flow].dropped);
}

void Judge::count(const store::NewMessage& stored) {
  const plan::Plan& plan = plan_->plan();
  for (const store::FlowEffects& effects : stored.flows) {
    if (effects.endings.empty()) continue;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      if (plan.text(plan.flows[i].name) != effects.flow) continue;
      for (const store::Ending& ending : effects.endings)
        ++(ending.kind == store::Ending::Kind::dead ? flows[i].dead : flows[i].dropped);
    }
  }
}

void Judge::take_flow(const eval::FlowEffects& from, Judged& judged) {
  store::NewMessage& message = judged.message;
  const plan::Plan& plan = plan_->plan();
  store::FlowEffects& to = message.flows.emplace_back();
  to.flow = plan.text(plan.flows[from.flow].name);
  counters.keyless += from.dedup_key_absent ? 1 : 0;
  counters.findings += from.findings;
  if (from.dedup) {
    to.dedup = store::DedupClaim{from.dedup->key, from.dedup->content,
                                 std::chrono::seconds(static_cast<std::int64_t>(from.dedup->window_seconds)),
                                 from.dedup->reject_conflict};
    if (from.dedup->reject_conflict) refuse_conflicts(message);
  }
  to.deliveries.reserve(from.deliveries.size());
  for (const eval::Delivery& delivery : from.deliveries) {
    store::NewDelivery& added = to.deliveries.emplace_back();
    added.destination =
        destinations_[delivery.batch == plan::kNone ? delivery.destination : plan.destinations.size() + delivery.batch];
    static_assert(eval::kEveryKey == store::kEveryKey);
    added.keys = delivery.keys;
    added.urgent = delivery.urgent;
    if (delivery.body) added.body = *delivery.body;
  }
  for (const eval::Ending& ending : from.endings) {
    store::Ending& added = to.endings.emplace_back();
    added.kind = ending.dead ? store::Ending::Kind::dead : store::Ending::Kind::dropped;
    judged.endings.push_back({from.flow, ending.dead});
    added.reason = ending.reason;
    if (ending.body) added.body = *ending.body;
  }
}

/// What stands in a file is kept whatever it is: nobody can send more of it than the disk has held already.
bool Judge::may_record_reject() {
  if (in_file_) return true;
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(reactor_.env.executor.now().time_since_epoch()).count();
  if (second != second_) {
    second_ = second;
    recorded_ = 0;
  }
  if (recorded_++ < kRecordedRejectsPerSecond) return true;
  ++counters.unrecorded;
  return false;
}

SharedBytes Judge::commit_answer(const SharedBytes& bytes) {
  hl7::Message& index = reactor_.message;
  if (!index.reset(bytes)) return {};
  Acknowledger::Case what;
  return reactor_.acknowledger.acknowledge(index, what).here;
}

SharedBytes Judge::cannot_store(const SharedBytes& bytes) {
  hl7::Message& index = reactor_.message;
  if (!index.reset(bytes)) return reactor_.acknowledger.no_header(bytes.view());
  return reactor_.acknowledger.cannot_store(index).here;
}

}  // namespace smarthl7::flow

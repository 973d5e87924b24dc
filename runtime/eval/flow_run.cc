// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/flow_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/eval/profile_check.h"
#include "runtime/eval/splitter.h"

namespace smarthl7::eval {

using builtins::Value;
using plan::ElseKind;
using plan::Id;
using plan::kNone;
using plan::Step;
using plan::StepOp;

namespace {

/// In the set of a destination; `converted` stays empty if the message is that already. `bytes` are the stage's, unless it
/// stands on the message as received.
[[nodiscard]] bool convert(const Stage& stage, std::string_view bytes, const Bound::Conversion& wanted, std::string& converted,
                           hl7::Finding& why) {
  hl7::Message sent;
  const hl7::Message* message = stage.as_received();
  if (message == nullptr) {
    if (!sent.reset(bytes)) {
      why.text = "a message that can be converted";
      return false;
    }
    message = &sent;
  }
  return hl7::convert_message(*message, stage.encoding(), wanted.to, wanted.name, converted, why) !=
         hl7::Conversion::impossible;
}

}  // namespace

void FlowRunner::receive(const plan::Source& source, const hl7::Message& message, hl7::Charset configured) {
  source_ = &source;
  used_ = 0;
  interpreter_.reset();
  received_.receive(bound_, message, configured);
}

bool FlowRunner::run(Id flow, FlowEffects& effects) {
  flow_ = &bound_.plan().flows[flow];
  effects_ = &effects;
  effects.flow = flow;
  rejection_ = {};
  Line line;
  line.stage = &received_;
  line.profile = flow_->message;
  return steps(flow_->body, line, nullptr);
}

Interpreter& FlowRunner::on(Line& line) {
  interpreter_.look_at(*line.stage, line.profile);
  return interpreter_;
}

Stage& FlowRunner::new_stage() {
  if (used_ == stages_.size()) stages_.push_back(std::make_unique<Stage>());
  return *stages_[used_++];
}

bool FlowRunner::steps(std::span<const Id> body, Line& line, const Rest* around) {
  for (std::size_t i = 0; i < body.size() && !line.ended; ++i) {
    const Rest rest{body.subspan(i + 1), around};
    bound_.record(&Recorder::steps, body[i]);
    if (!step(bound_.plan().steps[body[i]], line, rest)) return false;
  }
  return true;
}

bool FlowRunner::step(const Step& s, Line& line, const Rest& rest) {
  switch (s.op) {
    case StepOp::validate: return validate(s, line);
    case StepOp::dedup: dedup(s, line); return true;
    case StepOp::map: return map(s, line);
    case StepOp::redact: return redact(s, line);
    case StepOp::convert: return convert_content(s, line);
    case StepOp::when: {
      const bool holds = on(line).holds(s.a);
      bound_.record(holds ? &Recorder::whens : &Recorder::otherwises, s);
      return steps(holds ? s.body : s.otherwise, line, &rest);
    }
    case StepOp::route: return route(s, line, rest);
    case StepOp::fanout: return fanout(s, line);
    case StepOp::branch: return branch(s, line);
    case StepOp::deliver: deliver(s.a, s, line); return true;
    case StepOp::dead:
    case StepOp::drop: end(s.op == StepOp::dead, on(line).reason(s.a), line); return true;
    case StepOp::reject: {
      std::string reason = on(line).reason(s.on_failure.reason);
      if (reason.empty()) reason = fmt::format("flow {} rejects it", bound_.text(flow_->name));
      return reject(s.on_failure.kind, line, std::move(reason), {});
    }
    case StepOp::split: return split(s, line, rest);
    case StepOp::batch: collect(s.a, line); return true;
  }
  return true;
}

/// What a step's `else` says.
bool FlowRunner::otherwise(const plan::Else& clause, Line& line, std::string reason, std::vector<hl7::Finding> findings) {
  switch (clause.kind) {
    case ElseKind::proceed:
    case ElseKind::keep:
    case ElseKind::value: return true;
    case ElseKind::dead:
    case ElseKind::drop: end(clause.kind == ElseKind::dead, std::move(reason), line); return true;
    case ElseKind::deliver: {
      Step to;
      to.a = clause.destination;
      deliver(clause.destination, to, line);
      line.ended = true;
      return true;
    }
    case ElseKind::none:
    case ElseKind::reject_error:
    case ElseKind::reject: break;
  }
  return reject(clause.kind, line, std::move(reason), std::move(findings));
}

bool FlowRunner::reject(ElseKind kind, Line& line, std::string reason, std::vector<hl7::Finding> findings) {
  if (line.in_branch ||
      source_->ack == plan::AckMode::on_receipt) {  // the answer does not depend on this line: nothing is lost
    end(true, std::move(reason), line);
    return true;
  }
  rejection_.verdict = kind == ElseKind::reject ? Verdict::reject : Verdict::reject_error;
  rejection_.reason = std::move(reason);
  rejection_.findings = std::move(findings);
  return false;
}

bool FlowRunner::validate(const Step& s, Line& line) {
  findings_.clear();
  // Tolerant: what stands in fields is tolerated, not a message of another type or form.
  const auto strictness = s.strict ? hl7::Strictness::strict : s.tolerant ? hl7::Strictness::tolerant : hl7::Strictness::usual;
  const hl7::Tally tally = check_profile(bound_, interpreter_, *line.stage, s.a, strictness, findings_);
  line.profile = s.a;
  const std::uint64_t errors = tally.errors;
  effects_->findings += static_cast<std::uint32_t>(std::min<std::uint64_t>(errors + tally.others, 0xFFFFFFFFU));
  if (errors == 0 || (s.tolerant && s.on_failure.kind == ElseKind::none)) return true;
  bound_.record(&Recorder::step_elses, s);
  std::string reason = on(line).reason(s.on_failure.reason);
  if (reason.empty()) {
    const std::string_view name = bound_.text(bound_.plan().messages[s.a].name);
    reason = fmt::format("not a valid {}: {} error{}", name, errors, errors == 1 ? "" : "s");
  }
  return otherwise(s.on_failure, line, std::move(reason), std::move(findings_));
}

void FlowRunner::dedup(const Step& s, Line& line) {
  effects_->dedup = keys_.dedup(on(line), *flow_, s);
  if (!effects_->dedup) effects_->dedup_key_absent = true;
}

bool FlowRunner::map(const Step& s, Line& line) {
  static_cast<void>(on(line));
  if (!mapper_.run(s.a)) {
    const MappingFailure& failure = mapper_.failure();
    const bool step_says = failure.otherwise.kind == ElseKind::none && s.on_failure.kind != ElseKind::none;
    std::string reason = step_says ? on(line).reason(s.on_failure.reason) : failure.reason;
    if (reason.empty()) reason = "cannot be mapped: " + failure.finding.text;
    if (step_says) bound_.record(&Recorder::step_elses, s);
    const plan::Else clause = step_says ? s.on_failure : failure.otherwise;
    return otherwise(clause, line, std::move(reason), {failure.finding});
  }
  const Id result = bound_.plan().mappings[s.a].result;
  if (result != kNone) line.profile = result;
  if (!mapper_.changed()) return true;
  Stage& next = new_stage();
  if (!next.rewrite(bound_, mapper_.output(), *line.stage)) {
    plan::Else internal;
    return otherwise(internal, line, "cannot be mapped: the result is no message", {});
  }
  line.stage = &next;
  return true;
}

bool FlowRunner::redact(const Step& s, Line& line) {
  redactor_.run(s.a, *line.stage);
  if (!redactor_.changed()) return true;
  Stage& next = new_stage();
  if (!next.rewrite(bound_, redactor_.output(), *line.stage)) {
    plan::Else internal;
    return otherwise(internal, line, "cannot be redacted: the result is no message", {});
  }
  line.stage = &next;
  return true;
}

/// Of a message a document, of a document a message, or another document: by way of the tree that both are.
bool FlowRunner::convert_content(const Step& s, Line& line) {
  const auto to = static_cast<plan::Content>(s.a);
  SharedBytes bytes = line.document;
  std::string why;
  bool right = true;
  if (line.content == plan::Content::hl7) {
    if (line.stage->received()) {
      bytes = SharedBytes(std::string(line.stage->as_received()->bytes()));
    } else if (const auto misfit = line.stage->wire(bytes)) {
      right = false;
      why = misfit->text;
    }
  }
  std::string made;
  right = right && converter_.convert(bytes.view(), line.content, to, bound_.list(s.list), made, why);
  if (right && to == plan::Content::hl7) {
    Stage& next = new_stage();
    right = next.take(bound_, std::move(made), hl7::Charset::utf8);
    if (right) {
      line = {&next, kNone, false, line.in_branch};
      return true;
    }
    why = "a message in a character set that can be worked on";
  } else if (right) {
    line.content = to;
    line.document = to == plan::Content::bytes ? std::move(bytes) : SharedBytes(std::move(made));
    return true;
  }
  std::string reason = on(line).reason(s.on_failure.reason);
  if (reason.empty()) reason = "cannot be converted: " + why;
  hl7::Finding finding;
  finding.code = hl7::condition::kDataType;
  finding.text = why;
  bound_.record(&Recorder::step_elses, s);
  return otherwise(s.on_failure, line, std::move(reason), {finding});
}

bool FlowRunner::fits(const plan::Arm& arm, const Step& s, const Value& value, const hl7::Message& message) {
  if (s.by_type) {
    return std::ranges::any_of(bound_.list(arm.values), [&](Id id) {
      const std::string_view type = bound_.text(id);
      const std::size_t caret = type.find('^');
      if (caret == std::string_view::npos) return type == message.structure_id();
      return type.substr(0, caret) == message.message_code() && type.substr(caret + 1) == message.trigger_event();
    });
  }
  return !value.absent() && std::ranges::any_of(bound_.list(arm.values), [&](Id id) {
    Value literal;
    return interpreter_.evaluate(id, literal) && builtins::same(literal, value);
  });
}

bool FlowRunner::route(const Step& s, Line& line, const Rest& rest) {
  Value value;
  Interpreter& interpreter = on(line);
  if (!s.by_type && !interpreter.evaluate(s.a, value)) value = {};
  for (const Id id : bound_.list(s.list)) {
    const plan::Arm& arm = bound_.plan().arms[id];
    if (!arm.otherwise && !fits(arm, s, value, line.stage->message())) continue;
    bound_.record(&Recorder::arms, id);
    return steps(arm.body, line, &rest);
  }
  end(true, "no arm of the route fits", line);  // a table's code that the sender may not send: nothing gets lost
  return true;
}

/// Each arm gets the message that came in; the line goes on with what the last arm that fits made of it.
bool FlowRunner::fanout(const Step& s, Line& line) {
  const Line before = line;
  bool any = false;
  bool all_ended = true;
  const auto take = [&](Id id, const plan::Arm& arm) {
    Line mine = before;
    bound_.record(&Recorder::arms, id);
    any = true;
    if (!steps(arm.body, mine, nullptr)) return false;
    if (!mine.ended) line = mine;
    all_ended = all_ended && mine.ended;
    return true;
  };
  for (const Id id : bound_.list(s.list)) {
    const plan::Arm& arm = bound_.plan().arms[id];
    Line at = before;
    if (!arm.otherwise && on(at).holds(arm.condition) && !take(id, arm)) return false;
  }
  for (const Id id : bound_.list(s.list)) {
    const plan::Arm& arm = bound_.plan().arms[id];
    if (arm.otherwise && !any && !take(id, arm)) return false;
  }
  line.ended = any && all_ended;
  return true;
}

bool FlowRunner::branch(const Step& s, Line line) {
  line.in_branch = true;
  return steps(s.body, line, nullptr);
}

/// The rest of the line, for each part; a message with one instance of the group, or none, goes on as it is.
bool FlowRunner::split(const Step& s, Line& line, const Rest& rest) {
  static_cast<void>(on(line));
  const hl7::Placement* placed = interpreter_.placed();
  if (placed == nullptr) return true;  // the check lets no message of unknown structure come here
  Splitter splitter(line.stage->message(), *placed, bound_.plan().scopes[s.a], bound_.scope_key(s.a));
  if (splitter.count() < 2) return true;
  if (splitter.count() > kMostParts)
    return reject(ElseKind::reject_error, line, fmt::format("it splits into more than {} messages", kMostParts), {});
  const std::size_t used = used_;
  for (std::size_t i = 0; i < splitter.count(); ++i) {
    Line part = line;
    part.stage = &new_stage();
    std::string bytes = splitter.part(i);
    if (!part.stage->rewrite(bound_, bytes, *line.stage))
      return reject(ElseKind::reject_error, line, "a part of it is no message", {});
    for (const Rest* at = &rest; at != nullptr && !part.ended; at = at->around)
      if (!steps(at->left, part, at->around)) return false;
    used_ = used;  // what was delivered keeps its bytes
  }
  line.ended = true;
  return true;
}

/// Into a batch, as it would go out.
void FlowRunner::collect(Id batch, Line& line) {
  Delivery delivery;
  delivery.batch = batch;
  delivery.in_branch = line.in_branch;
  line.ended = true;
  SharedBytes bytes;
  if (!line.stage->received()) {
    if (const auto why = line.stage->wire(bytes)) {
      return end_delivery(bound_.text(bound_.plan().batches[batch].name), *why, line);
    }
    delivery.body = std::move(bytes);
  }
  effects_->deliveries.push_back(std::move(delivery));
}

void FlowRunner::deliver(Id destination, const Step& s, Line& line) {
  Delivery delivery;
  delivery.destination = destination;
  delivery.in_branch = line.in_branch;
  delivery.keys = keys_.order(on(line), bound_.plan().destinations[destination], s);
  delivery.urgent = s.urgent && keys_.urgent(on(line), s);
  if (line.content != plan::Content::hl7) {
    delivery.body = line.document;
    effects_->deliveries.push_back(std::move(delivery));
    return;
  }
  const std::string_view name = bound_.text(bound_.plan().destinations[destination].name);
  SharedBytes bytes;
  if (!line.stage->received()) {
    if (const auto why = line.stage->wire(bytes)) return end_delivery(name, *why, line);
  }
  if (const auto& wanted = bound_.conversion_of(destination)) {
    hl7::Finding why;
    std::string converted;
    if (!convert(*line.stage, bytes.view(), *wanted, converted, why)) return end_delivery(name, why, line);
    if (!converted.empty()) {
      delivery.body = SharedBytes(std::move(converted));
      effects_->deliveries.push_back(std::move(delivery));
      return;
    }
  }
  if (!line.stage->received()) delivery.body = std::move(bytes);
  effects_->deliveries.push_back(std::move(delivery));
}

/// The message cannot be put into the destination's character set: this one delivery ends in the dead letters.
void FlowRunner::end_delivery(std::string_view to, const hl7::Finding& why, const Line& line) {
  Ending ending;
  ending.dead = true;
  std::string place = why.segment_name;
  if (why.sequence > 1) place += fmt::format("[{}]", why.sequence);
  if (why.location.field != 0) place += fmt::format("-{}", why.location.field);
  ending.reason = fmt::format("cannot be sent to {}: {}: {}", to, place, why.text);
  ending.body = body_of(line);
  effects_->endings.push_back(std::move(ending));
}

/// Nothing if it is as it was received. What a set cannot hold is in UTF-8 then, so that nothing of it is lost.
std::optional<SharedBytes> FlowRunner::body_of(const Line& line) {
  if (line.content != plan::Content::hl7) return line.document;
  if (line.stage->received()) return std::nullopt;
  SharedBytes bytes;
  if (line.stage->wire(bytes)) bytes = SharedBytes(std::string(line.stage->message().bytes()));
  return bytes;
}

void FlowRunner::end(bool dead, std::string reason, Line& line) {
  Ending ending;
  ending.dead = dead;
  ending.reason = std::move(reason);
  ending.body = body_of(line);
  effects_->endings.push_back(std::move(ending));
  line.ended = true;
}

}  // namespace smarthl7::eval

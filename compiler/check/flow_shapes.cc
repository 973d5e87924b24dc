// SPDX-License-Identifier: Apache-2.0
// The steps that make several messages of one, one of several, or none: split, batch, reject.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/expressions.h"
#include "compiler/check/flow_checker.h"
#include "compiler/check/options.h"

namespace smarthl7::check {

using diag::Code;
using syntax::StepKind;

namespace {

constexpr std::uint64_t kMostMembers = 10'000;
constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kLongestBatch = 7ULL * 86'400 * kSecond;
constexpr std::string_view kBatchExample = "batch up to 100 or 5m";

}  // namespace

/// Each part is a message of the structure that came, with one instance of the group and what encloses it.
Way FlowChecker::split(const syntax::SplitStep& step, Way way) {
  if (step.group == nullptr || step.group->poisoned || way.state.type.kind == MessageType::Kind::error) return way;
  if (way.state.type.kind != MessageType::Kind::hl7) {
    context_.sink.report({.code = Code::E0520,
                          .span = step.group->span,
                          .message = "the structure of what comes here is not known, so it has no groups",
                          .help = "validate it before: `validate MESSAGE else reject AE`",
                          .notes = {"`tolerant` and `else continue` prove nothing of what comes after them"}});
    return way;
  }
  if (in_fanout_) {
    context_.sink.report(Code::E0520, step.span,
                         "an arm of `fanout` cannot split: the line after it goes on with the whole message",
                         "split before the `fanout`, or in a `branch` of the arm");
    return way;
  }
  const auto scope = check_split(context_, way.state, *step.group);
  if (!scope) return way;
  if (!scope->repeats) {
    context_.sink.report(Code::E0520, step.group->span,
                         fmt::format("there is at most one `{}` in a `{}`", scope->name, describe(way.state.type)),
                         "name a group that repeats, or take the step out");
    return way;
  }
  // What was proven of the whole message need not hold of a part; what its type says does.
  const bool valid = way.state.proofs.holds("valid");
  way.state.proofs = valid ? proofs_of(context_, way.state.type) : Proofs{};
  way.split = step.span;
  return way;
}

Way FlowChecker::reject(const syntax::RejectStep& step, Way way) {
  if (step.ack_code != nullptr && step.ack_code->text != "AE" && step.ack_code->text != "AR") {
    context_.sink.report(Code::E0515, step.ack_code->span, fmt::format("`{}` is no code of a reject", step.ack_code->text),
                         "write `reject AE`, or `reject AR` if the message can never be taken");
  }
  if (step.reason != nullptr && !step.reason->poisoned) check_reason(context_, way.state, *step.reason);
  check_reject(step.span, "`reject`");
  way.ended = true;
  way.ender = step.span;
  return way;
}

Way FlowChecker::batch(const syntax::BatchStep& step, std::span<const syntax::Step* const> rest, Way way) {
  if (step.count != nullptr && !step.count->poisoned)
    static_cast<void>(read_number(context_, "up to", *step.count, 1, kMostMembers, kBatchExample));
  if (step.within != nullptr && !step.within->poisoned) {
    const auto within = read_duration(context_, "or", *step.within, kBatchExample);
    if (within && (*within < kSecond || *within > kLongestBatch || *within % kSecond != 0))
      context_.sink.report(Code::E0702, step.within->span, "a batch waits for whole seconds, for 7d at most");
  }
  for (const SourceInfo* source : sources_) {
    if (source->ack != plan::AckMode::when_delivered || in_branch_) continue;
    context_.sink.report(Code::E0521, step.span,
                         fmt::format("the sender of `{}` waits for the delivery, and a batch waits for other messages",
                                     source->declaration->name->text),
                         "let the source say `ack when stored`, or put the batch into a `branch`");
  }
  const MessageType::Kind kind = way.state.type.kind;
  if (kind == MessageType::Kind::xml || kind == MessageType::Kind::json || kind == MessageType::Kind::bytes) {
    context_.sink.report(Code::E0521, step.span,
                         fmt::format("a batch holds HL7 messages, and `{}` comes here", describe(way.state.type)),
                         "put the `batch` before the `as`, or deliver each by itself");
  }
  // What follows takes the batch, which is no message: it can be delivered, and that is all.
  way.delivered = false;
  for (const syntax::Step* one : rest) {
    context_.facts.steps[one->id] = way.state;
    if (one->kind == StepKind::error || one->poisoned) {
      way.delivered = true;
      continue;
    }
    const auto* deliver_step = one->try_as<syntax::DeliverStep>();
    if (deliver_step == nullptr) {
      context_.sink.report({.code = Code::E0521,
                            .span = {one->span.file, one->span.begin, std::min(one->span.end, one->span.begin + 40)},
                            .message = "what comes out of a `batch` is no message: it can only be delivered",
                            .secondary = {{step.span, "the batch"}},
                            .help = "put the step before the `batch`, or the `batch` into a `branch`"});
      way.delivered = true;
      break;
    }
    for (const syntax::Name* name : deliver_step->destinations) {
      const auto at = context_.destinations.find(name->text);
      if (at == context_.destinations.end()) continue;
      const plan::Order order = at->second.values.order;
      if (order != plan::Order::keys && order != plan::Order::patient) continue;
      context_.sink.report({.code = Code::E0521,
                            .span = name->span,
                            .message = fmt::format("`{}` orders by a key of each message, and a batch holds many", name->text),
                            .secondary = {{step.span, "the batch"}},
                            .help = "deliver it to a destination with `order fifo` or `order none`"});
    }
    way.delivered = true;
  }
  if (!way.delivered) {
    context_.sink.report(Code::E0521, step.span, "a batch that goes nowhere", "say where: `-> DESTINATION` after the `batch`");
  }
  way.delivered = true;
  way.ended = true;
  way.ender = step.span;
  return way;
}

}  // namespace smarthl7::check

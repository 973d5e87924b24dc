// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/respond.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/flow_checker.h"
#include "compiler/check/flow_walk.h"
#include "compiler/check/options.h"

namespace smarthl7::check {

using diag::Code;
using syntax::StepKind;

namespace {

constexpr std::uint64_t kLongest = 3'600'000'000;  // a sender that waits for an hour has gone

/// Where a flow delivers to a destination, at the first place; null: nowhere.
const syntax::Name* delivery_to(syntax::List<syntax::Step> list, std::string_view destination) {
  const auto in_arms = [destination](syntax::List<syntax::Arm> arms) -> const syntax::Name* {
    for (const syntax::Arm* arm : arms) {
      if (const syntax::Name* name = delivery_to(arm->steps, destination)) return name;
    }
    return nullptr;
  };
  for (const syntax::Step* step : list) {
    const syntax::Name* found = nullptr;
    if (const auto* deliver = step->try_as<syntax::DeliverStep>()) {
      for (const syntax::Name* name : deliver->destinations) {
        if (name->text == destination) return name;
      }
    } else if (const auto* when = step->try_as<syntax::WhenStep>()) {
      found = in_arms(when->arms);
    } else if (const auto* route = step->try_as<syntax::RouteStep>()) {
      found = in_arms(route->arms);
    } else if (const auto* fanout = step->try_as<syntax::FanoutStep>()) {
      found = in_arms(fanout->arms);
    } else if (const auto* branch = step->try_as<syntax::BranchStep>()) {
      found = delivery_to(branch->steps, destination);
    }
    if (found != nullptr) return found;
  }
  return nullptr;
}

const syntax::RespondStep* respond_of(const syntax::FlowDecl& flow) {
  for (const syntax::Step* step : flow.steps) {
    if (const auto* respond = step->try_as<syntax::RespondStep>()) return respond;
  }
  return nullptr;
}

bool share_a_source(const syntax::FlowDecl& one, const syntax::FlowDecl& other) {
  const auto sources = sources_of(other);
  const auto in_other = [&sources](std::string_view name) { return std::ranges::find(sources, name) != sources.end(); };
  return std::ranges::any_of(sources_of(one), in_other);
}

}  // namespace

void FlowChecker::respond(const syntax::RespondStep& step, const Way& way) {
  if (step.within != nullptr && !step.within->poisoned) {
    const auto within = read_duration(context_, "within", *step.within, "respond from pharmacy within 30s");
    if (within && (*within == 0 || *within > kLongest))
      context_.sink.report(Code::E0702, step.within->span, "a sender waits for more than no time, and for at most an hour");
  }
  if (step.destination == nullptr || step.poisoned) return;
  const std::string_view name = step.destination->text;
  if (std::ranges::find(flow_.steps, static_cast<const syntax::Step*>(&step)) == flow_.steps.end()) {
    context_.sink.report(Code::E0516, step.span,
                         "`respond from` is for all messages of a flow: it cannot stand in an arm or a branch",
                         "write it as a step of the flow itself, after the message went to the destination on every way");
    return;
  }
  if (way.split) {
    context_.sink.report({.code = Code::E0516,
                          .span = step.span,
                          .message = "the message was split: each part has an answer of its own",
                          .secondary = {{*way.split, "here it was split"}},
                          .help = "take `respond` out: the sender hears when the message is stored"});
    return;
  }
  if (respond_ != nullptr) {
    context_.sink.report({.code = Code::E0516,
                          .span = step.span,
                          .message = "a flow has one `respond from`: a sender gets one answer",
                          .secondary = {{respond_->span, "the first one"}}});
    return;
  }
  respond_ = &step;
  for (const SourceInfo* source : sources_) {
    if (source->ack == plan::AckMode::when_stored || source->refused) continue;
    context_.sink.report(
        Code::E0516, step.span,
        fmt::format("the source `{}` says `ack {}`, so its sender is answered otherwise", source->declaration->name->text,
                    source->ack == plan::AckMode::on_receipt ? "on receipt" : "when delivered"),
        "take `ack` out of the source: with `respond from` the answer waits for the destination");
  }
  // A second copy for the same destination has an answer of its own.
  const syntax::Name* first = nullptr;
  for (const syntax::Step* one : flow_.steps) {
    const syntax::Step* const list[] = {one};
    const syntax::Name* here = delivery_to(list, name);
    if (here == nullptr) continue;
    if (first != nullptr && (one->kind == StepKind::branch || one->kind == StepKind::deliver)) {
      context_.sink.report({.code = Code::E0516,
                            .span = here->span,
                            .message = fmt::format("`{}` gets the message twice, and each copy has its answer", name),
                            .secondary = {{first->span, "here too"}, {step.span, "one of them would be the answer"}}});
      return;
    }
    first = here;
  }
  const bool known = context_.destinations.contains(name);
  if (!known || way.ended || way.reached.contains(name)) return;
  context_.sink.report(Code::E0516, step.destination->span,
                       fmt::format("a message can come here that did not go to `{}`, and would have no answer", name),
                       fmt::format("deliver it before, `-> {}`, on every way that does not end in `dead` or `drop`", name));
}

void check_responses(Context& context) {
  const auto flows = context.project.all<syntax::FlowDecl>();
  for (const auto* flow : flows) {
    const syntax::RespondStep* respond = respond_of(*flow);
    if (respond == nullptr || respond->destination == nullptr || respond->poisoned) continue;
    for (const auto* other : flows) {
      if (other == flow || !share_a_source(*flow, *other)) continue;
      const syntax::RespondStep* second = respond_of(*other);
      if (second != nullptr && second->id > respond->id) {
        context.sink.report({.code = Code::E0516,
                             .span = second->span,
                             .message = "two flows of one source respond: a sender gets one answer",
                             .secondary = {{respond->span, "the other one"}},
                             .help = "let one of them respond, or give each its source"});
      }
      const syntax::Name* also = second != nullptr ? nullptr : delivery_to(other->steps, respond->destination->text);
      if (also == nullptr) continue;
      context.sink.report(
          {.code = Code::E0516,
           .span = also->span,
           .message = fmt::format("`{}` gets the message from two flows of one source, and one of them responds", also->text),
           .secondary = {{respond->span, "which of its two answers this means is not known"}},
           .help = "deliver it there in one flow, or name the destination a second time under another name"});
    }
  }
}

}  // namespace smarthl7::check

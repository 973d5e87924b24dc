// SPDX-License-Identifier: Apache-2.0
// The steps that judge and change a message: validate, dedup, map.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/expressions.h"
#include "compiler/check/flow_checker.h"
#include "compiler/check/mapping.h"
#include "compiler/check/options.h"

namespace smarthl7::check {

using diag::Code;

namespace {

bool fits(const MessageType& type, const AcceptedEvent& event) {
  if (!event.structure.empty()) return event.structure == type.structure.name();
  if (event.trigger.empty()) return type.structure.name().starts_with(event.code);
  const hl7::Structure structure = type.version.structure_for_event(event.code, event.trigger);
  return !structure || structure.name() == type.structure.name();
}

}  // namespace

bool FlowChecker::fits_sources(const MessageType& type) const {
  if (takes_everything_ || !sources_known_ || type.kind != MessageType::Kind::hl7) return true;
  return std::ranges::any_of(accepts_, [&type](const AcceptedEvent& event) { return fits(type, event); });
}

/// What the sources accept and this `validate` refuses each time. A `drop` or `dead` may mean it so.
void FlowChecker::check_refused_types(const syntax::ValidateStep& step, const MessageType& type) {
  if (choices_ > 0 || takes_everything_ || !sources_known_ || type.kind != MessageType::Kind::hl7) return;
  if (step.otherwise == nullptr || step.otherwise->kind != syntax::ElseKind::reject) return;
  for (const AcceptedEvent& event : accepts_) {
    if (fits(type, event)) continue;
    context_.sink.report(
        {.code = Code::W0510,
         .span = step.message->span,
         .message = fmt::format("`{}` is never a `{}` ({} {}), so it is always rejected here", context_.text(event.span),
                                describe(type), type.version.name(), type.structure.name()),
         .secondary = {{event.span, "here it is accepted"}},
         .help = "choose by type before it, `route type { ... }`, or take it out of `accept`"});
  }
}

std::string FlowChecker::accepted_text() const {
  std::string text;
  for (const AcceptedEvent& event : accepts_)
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", context_.text(event.span));
  return text;
}

Way FlowChecker::validate(const syntax::ValidateStep& step, Way way) {
  check_failure(step, step.otherwise, way, "`validate`", true);
  const auto* message = context_.project.declared<syntax::MessageDecl>(step.message);
  if (message == nullptr) {
    way.state = {unknown_type(), {}};
    return way;
  }
  const MessageType type = context_.message_type(*message);
  const MessageType& before = way.state.type;
  const bool other =
      before.kind == MessageType::Kind::hl7 && type.kind == MessageType::Kind::hl7 && before.structure != type.structure;
  if (other || (before.kind == MessageType::Kind::open && !fits_sources(type))) {
    context_.sink.report({.code = Code::E0509,
                          .span = step.message->span,
                          .message = fmt::format("`{}` is {} {}, which never comes here", message->name->text,
                                                 type.version.name(), type.structure.name()),
                          .help = other ? fmt::format("what comes here is `{}`", describe(before))
                                        : fmt::format("the flow's sources accept {}", accepted_text())});
  }
  const bool open = before.kind == MessageType::Kind::open;
  if (open && fits_sources(type)) check_refused_types(step, type);
  const bool proves = step.strictness != syntax::Strictness::tolerant &&
                      (step.otherwise == nullptr || step.otherwise->kind != syntax::ElseKind::proceed);
  if (!proves) return way;
  way.state.type = type;
  if (type.kind == MessageType::Kind::hl7) way.state.proofs.add(proofs_of(context_, type));
  return way;
}

void FlowChecker::dedup(const syntax::DedupStep& step, const Way& way) {
  if (in_branch_) {
    context_.sink.report(Code::E0513, step.span, "a `branch` is a copy: `dedup` in it cannot decide for the message",
                         "put it before the `branch`");
  } else if (way.split) {
    context_.sink.report({.code = Code::E0513,
                          .span = step.span,
                          .message = "what comes here is a part: `dedup` cannot decide for the whole message",
                          .secondary = {{*way.split, "here it was split"}},
                          .help = "put it before the `split`"});
  } else if (dedup_ != nullptr) {
    context_.sink.report({.code = Code::E0513,
                          .span = step.span,
                          .message = "a flow has one `dedup`",
                          .secondary = {{dedup_->span, "the first one"}},
                          .help = "name all its keys after one `dedup by`"});
  }
  if (!in_branch_ && !way.split && dedup_ == nullptr) dedup_ = &step;
  for (const syntax::PathExpr* key : step.keys) {
    if (!key->poisoned) static_cast<void>(check_key(context_, way.state, *key));
  }
  if (step.within != nullptr && !step.within->poisoned) {
    const auto window = read_duration(context_, "within", *step.within, "dedup by MSH-3, MSH-10 within 7d");
    if (window && *window < 1'000'000)
      context_.sink.report(Code::E0702, step.within->span, "a dedup window is at least a second");
    if (dedup_ == &step) window_micros_ = window;
  }
  for (const syntax::PathExpr* path : step.ignoring) {
    if (!path->poisoned) check_every_place(context_, way.state, *path);
  }
  if (step.conflict_rejects) {
    if (step.conflict_code != nullptr && step.conflict_code->text != "AE") {
      context_.sink.report(Code::E0515, step.conflict_code->span,
                           fmt::format("a conflict is rejected with AE, not `{}`", step.conflict_code->text),
                           "write `conflict reject AE`");
    }
    check_reject(step.span, "`conflict reject`");
  }
}

Way FlowChecker::map(const syntax::MapStep& step, Way way) {
  if (step.otherwise != nullptr) {
    context_.sink.report(Code::E0511, step.otherwise->span,
                         "`map` takes no `else`: each line of a mapping says what happens if it fails");
  }
  const auto* mapping = context_.project.declared<syntax::MappingDecl>(step.mapping);
  if (mapping == nullptr) return way;
  const auto* message = context_.project.declared<syntax::MessageDecl>(mapping->from);
  const auto* result = mapping->to == nullptr ? nullptr : context_.project.declared<syntax::MessageDecl>(mapping->to);
  if (message == nullptr) {
    if (result != nullptr) way.state = {context_.message_type(*result), proofs_after(context_, *mapping, {})};
    return way;
  }
  const MessageType takes = context_.message_type(*message);
  const MessageType& comes = way.state.type;
  const bool known = takes.kind != MessageType::Kind::error && comes.kind != MessageType::Kind::error;
  if (known && comes != takes) {
    diag::Diagnostic diagnostic{
        .code = Code::E0509,
        .span = step.mapping->span,
        .message = fmt::format("`{}` takes a `{}`, and a `{}` comes", mapping->name->text, describe(takes), describe(comes))};
    diagnostic.secondary.push_back({mapping->from->span, "what the mapping takes"});
    diagnostic.help = comes.redacted ? std::string("a mapping reads what a redaction takes away: map before `redact`")
                                     : fmt::format("validate it before: `validate {} else reject AE`", describe(takes));
    if (comes.kind == MessageType::Kind::open)
      diagnostic.notes.emplace_back("`tolerant` and `else continue` prove nothing of what comes after them");
    context_.sink.report(std::move(diagnostic));
  }
  way.mappings.push_back(mapping);
  if (mapping_rejects(*mapping))
    check_reject(step.mapping->span, fmt::format("the mapping `{}`, which can reject,", mapping->name->text));
  way.state.proofs = proofs_after(context_, *mapping, way.state.proofs);
  way.state.type = takes;
  if (mapping->to != nullptr) way.state.type = result != nullptr ? context_.message_type(*result) : unknown_type();
  return way;
}

}  // namespace smarthl7::check

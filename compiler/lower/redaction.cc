// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/redaction.h"

#include <algorithm>

#include "compiler/check/redaction.h"

namespace smarthl7::lower {
namespace {

plan::RedactMethod method_of(hl7::PhiMethod method) {
  switch (method) {
    case hl7::PhiMethod::keep: return plan::RedactMethod::keep;
    case hl7::PhiMethod::remove: return plan::RedactMethod::remove;
    case hl7::PhiMethod::year: return plan::RedactMethod::year;
    case hl7::PhiMethod::zip3: return plan::RedactMethod::zip3;
    case hl7::PhiMethod::mask:
    case hl7::PhiMethod::mask_part: return plan::RedactMethod::mask;
    case hl7::PhiMethod::shift: return plan::RedactMethod::shift;
    case hl7::PhiMethod::hash: return plan::RedactMethod::hash;
    case hl7::PhiMethod::synthetic: return plan::RedactMethod::synthetic;
  }
  return plan::RedactMethod::remove;
}

plan::RedactionItem lower_item(PlanBuilder& builder, const hl7::RedactionRule& rule, const check::RedactionRuleInfo& details) {
  plan::RedactionItem item;
  item.layer = rule.layer;
  item.segment = builder.text(details.target.segment);
  item.field = rule.field;
  item.component = rule.component;
  item.subcomponent = rule.subcomponent;
  std::vector<Id> labels;
  for (const std::string_view label : details.labels) labels.push_back(builder.text(label));
  item.labels = builder.list(labels);
  item.method = method_of(rule.method);
  if (!details.secret.empty()) item.secret = builder.secret(details.secret);
  item.key_segment = builder.text(details.key.segment);
  item.key_field = details.key.field;
  item.key_component = details.key.component;
  item.key_subcomponent = details.key.subcomponent;
  item.amount = details.amount;
  item.shape = details.shape;
  if (!details.standard) item.place = builder.place(details.span);  // the library is no file of the project
  return item;
}

Id add(PlanBuilder& builder, std::string_view name, const check::RedactionInfo& info, const check::MessageType& type) {
  plan::Redaction lowered;
  lowered.name = builder.text(name);
  lowered.allow = info.allow;
  if (type.kind == check::MessageType::Kind::hl7) {
    lowered.version = builder.text(type.version.name());
    if (type.profile != nullptr) lowered.message = builder.id_of(*type.profile);
  }
  auto& all = builder.plan().redactions;
  const auto same = std::find_if(all.begin(), all.end(), [&lowered](const plan::Redaction& one) {
    return one.name == lowered.name && one.version == lowered.version && one.message == lowered.message;
  });
  if (same != all.end()) return static_cast<Id>(same - all.begin());
  for (std::size_t i = 0; i < info.rules.size(); ++i)
    lowered.items.push_back(lower_item(builder, info.rules[i], info.details[i]));
  all.push_back(std::move(lowered));
  return static_cast<Id>(all.size() - 1);
}

}  // namespace

Id lower_redaction(PlanBuilder& builder, const syntax::RedactStep& step) {
  const check::Context& context = builder.context();
  const check::RedactionInfo* info = check::redaction_of(context, step);
  const auto state = context.facts.steps.find(step.id);
  if (info == nullptr || state == context.facts.steps.end()) return plan::kNone;
  return add(builder, context.project.use_of(*step.redaction)->name, *info, state->second.type);
}

Id lower_redaction(PlanBuilder& builder, std::string_view name) {
  const auto info = builder.context().redactions.find(name);
  if (info == builder.context().redactions.end() || info->second.broken) return plan::kNone;
  return add(builder, info->first, info->second, check::MessageType{});
}

}  // namespace smarthl7::lower

// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/phi.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/phi_flow.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {

using diag::Code;

namespace {

/// The label that a table gives to what is looked up in it.
void check_table_label(Context& context, const syntax::TableDecl& table) {
  const syntax::Option* phi = table.options == nullptr ? nullptr : table.options->find("phi");
  if (phi == nullptr || phi->poisoned) return;
  const auto* word = phi->values.size() == 1 ? phi->values.front()->try_as<syntax::NameExpr>() : nullptr;
  if (word != nullptr && hl7::declared_label(word->text)) return;
  context.sink.report(Code::E0702, phi->values.empty() ? phi->span : phi->values.front()->span,
                      "`phi` says what the values of the table tell about a person",
                      "write `phi none`, `phi clinical`, `phi quasi` or `phi direct`; without it they tell what the key tells");
}

/// Alerts go to pagers and mailboxes, which hold no patient data.
void check_texts(Context& context, const syntax::Option& option, std::string_view what) {
  for (const syntax::Expr* value : option.values) {
    syntax::walk(*value, [&](const syntax::Expr& one) {
      if (one.kind != syntax::ExprKind::path && one.kind != syntax::ExprKind::raw) return;
      context.sink.report(
          Code::E0607, one.span, fmt::format("{} holds no patient data, and no message is at hand", what),
          "settings can be put into it, paths cannot; the message that an alert is about is found by its trace");
    });
  }
  if (option.nested != nullptr) check_texts(context, *option.nested, what);
  if (option.block == nullptr) return;
  for (const syntax::Option* below : option.block->options) check_texts(context, *below, what);
}

void check_texts(Context& context, const syntax::OptionBlock* options, std::string_view what) {
  if (options == nullptr) return;
  for (const syntax::Option* option : options->options) check_texts(context, *option, what);
}

}  // namespace

void check_phi(Context& context) {
  for (const auto* table : context.project.all<syntax::TableDecl>()) check_table_label(context, *table);
  for (const auto* contact : context.project.all<syntax::ContactDecl>()) check_texts(context, contact->options, "a contact");
  for (const auto* alert : context.project.all<syntax::AlertDecl>()) {
    for (const syntax::AlertCondition* condition : alert->conditions) {
      for (const syntax::Expr* part : {condition->value, condition->duration}) {
        if (part == nullptr || is_constant(*part)) continue;
        context.sink.report(Code::E0607, part->span, "an alert holds no patient data, and no message is at hand",
                            "an alert compares a metric with a number or a duration");
      }
    }
  }
  PhiRedactions redactions;
  for (const auto* flow : context.project.all<syntax::FlowDecl>()) PhiFlow(context, redactions, *flow).check();
}

}  // namespace smarthl7::check

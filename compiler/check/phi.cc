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

}  // namespace

void check_phi(Context& context) {
  for (const auto* table : context.project.all<syntax::TableDecl>()) check_table_label(context, *table);
  for (const auto* flow : context.project.all<syntax::FlowDecl>()) PhiFlow(context, *flow).check();
}

}  // namespace smarthl7::check

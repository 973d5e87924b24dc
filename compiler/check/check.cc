// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/check.h"

#include <algorithm>

#include "compiler/check/alerts.h"
#include "compiler/check/connections.h"
#include "compiler/check/copies.h"
#include "compiler/check/flows.h"
#include "compiler/check/mapping.h"
#include "compiler/check/message.h"
#include "compiler/check/phi.h"
#include "compiler/check/ports.h"
#include "compiler/check/redaction.h"
#include "compiler/check/retries.h"
#include "compiler/check/settings.h"
#include "compiler/check/tables.h"
#include "compiler/check/tests.h"
#include "compiler/check/unused.h"

namespace smarthl7::check {

void check(Context& context) {
  check_settings(context);
  check_tables(context);
  check_retries(context);
  const auto messages = context.project.all<syntax::MessageDecl>();
  for (const auto* message : messages) declare_message(context, *message);
  for (const auto* message : messages) check_message(context, *message);
  for (const auto* mapping : context.project.all<syntax::MappingDecl>()) check_mapping(context, *mapping);
  check_redactions(context);
  check_connections(context);
  check_flows(context);
  check_copies(context);
  check_phi(context);
  check_circles(context);
  check_alerts(context);
  check_tests(context);
  check_unused(context);
  std::sort(context.inputs.begin(), context.inputs.end());
  context.inputs.erase(std::unique(context.inputs.begin(), context.inputs.end()), context.inputs.end());
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/unused.h"

#include <fmt/format.h>

#include <set>

#include "compiler/check/tests.h"

namespace smarthl7::check {
namespace {

using syntax::DeclKind;

bool wants_use(DeclKind kind) {
  switch (kind) {
    case DeclKind::setting:
    case DeclKind::secret:
    case DeclKind::oauth:
    case DeclKind::contact:
    case DeclKind::table:
    case DeclKind::message:
    case DeclKind::mapping:
    case DeclKind::redaction:
    case DeclKind::retry:
    case DeclKind::destination: return true;
    case DeclKind::source:  // has a code of its own
    case DeclKind::language:
    case DeclKind::use:
    case DeclKind::environment:
    case DeclKind::flow:
    case DeclKind::alert:
    case DeclKind::test:
    case DeclKind::error: return false;
  }
  return false;
}

}  // namespace

void check_unused(Context& context) {
  if (context.sink.has_errors()) return;
  std::set<std::string_view> used(context.facts.used.begin(), context.facts.used.end());
  const std::set<NodeId> tested = names_in_tests(context);
  for (const auto& [node, entry] : context.project.uses) {
    if (!tested.contains(node)) used.insert(entry->name);
  }
  for (const auto& [name, entry] : context.project.names) {
    if (entry.standard || entry.poisoned || !wants_use(entry.kind) || used.contains(name)) continue;
    context.sink.report(diag::Code::W0201, entry.declaration->name->span,
                        fmt::format("nothing uses the {} `{}`", spelling(entry.kind), name), "remove it, or use it");
  }
  for (const auto& [name, source] : context.source_ends) {
    if (used.contains(name)) continue;
    context.sink.report(diag::Code::W0501, source.declaration->name->span,
                        fmt::format("no flow takes messages from `{}`", name),
                        "what it accepts would go nowhere; write a flow `from` it, or remove it");
  }
}

}  // namespace smarthl7::check

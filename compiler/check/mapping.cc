// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/mapping.h"

#include <set>
#include <string>
#include <utility>

#include "compiler/check/expressions.h"
#include "compiler/check/mapping_statements.h"

namespace smarthl7::check {
namespace {

using diag::Code;
using syntax::ExprKind;

/// The message that a mapping is written for, as if validated.
std::optional<MessageState> state_of(Context& context, const syntax::MappingDecl& mapping) {
  MessageState state;
  if (mapping.from == nullptr) return std::nullopt;
  if (mapping.from->text == "hl7") return state;
  const auto* message = context.project.declared<syntax::MessageDecl>(mapping.from);
  if (message == nullptr) return std::nullopt;
  state.type = context.message_type(*message);
  if (state.type.kind == MessageType::Kind::error) return std::nullopt;
  state.proofs = proofs_of(context, state.type);
  return state;
}

template <class F>
void walk_items(syntax::List<syntax::MappingItem> items, F&& f) {
  for (const syntax::MappingItem* item : items) {
    f(*item);
    if (const auto* each = item->try_as<syntax::EachItem>()) walk_items(each->items, f);
    if (const auto* when = item->try_as<syntax::WhenItem>()) {
      for (const syntax::WhenMappingArm* arm : when->arms) walk_items(arm->items, f);
    }
  }
}

/// Segment and field of a proof, "PID|5[1].1 present" or "f1:9:OBX@12.|5[1] present"; field 0: of the segment itself.
std::pair<std::string_view, unsigned> subject_of(std::string_view fact) {
  std::string_view segment = fact.substr(0, fact.find_first_of("| "));
  const std::size_t bar = fact.find('|');
  unsigned field = 0;
  if (bar != std::string_view::npos) {
    for (std::size_t i = bar + 1; i < fact.size() && fact[i] >= '0' && fact[i] <= '9'; ++i)
      field = field * 10 + static_cast<unsigned>(fact[i] - '0');
  }
  if (const std::size_t at = segment.find('@'); at != std::string_view::npos) {
    segment = segment.substr(0, at);
    segment.remove_prefix(segment.rfind(':') + 1);
  }
  return {segment, field};
}

}  // namespace

void check_mapping(Context& context, const syntax::MappingDecl& mapping) {
  if (mapping.to != nullptr) {
    diag::Diagnostic diagnostic;
    diagnostic.code = Code::E0421;
    diagnostic.span = mapping.to->span;
    diagnostic.message = "a mapping from one message to another does not run yet";
    diagnostic.help = "this version edits a copy: `mapping m : message { ... }`";
    context.sink.report(std::move(diagnostic));
    return;
  }
  const auto state = state_of(context, mapping);
  if (!state) return;
  Statements statements(context, *state);
  statements.items(mapping.items);
}

Proofs proofs_after(Context& context, const syntax::MappingDecl& mapping, const Proofs& before) {
  std::set<std::pair<std::string, unsigned>> changed;
  bool still_valid = true;
  const auto state = state_of(context, mapping);
  if (!state) return {};
  const MessageModel model(state->type);
  const auto emptied = [&](const std::string& segment, unsigned field) {
    const auto part = field == 0 ? std::nullopt : model.field(segment, std::uint32_t{field});
    if (field == 0 || (part && part->min > 0)) still_valid = false;
  };
  walk_items(mapping.items, [&](const syntax::MappingItem& item) {
    if (const auto* assign = item.try_as<syntax::AssignItem>(); assign != nullptr && assign->target != nullptr) {
      const auto at = context.facts.paths.find(assign->target->id);
      if (at == context.facts.paths.end()) return;
      changed.emplace(at->second.segment, at->second.path.field);
      if (assign->value != nullptr && assign->value->kind == ExprKind::null_value)
        emptied(at->second.segment, at->second.path.field);
    } else if (const auto* remove = item.try_as<syntax::DeleteItem>()) {
      for (const syntax::PathExpr* path : remove->paths) {
        const auto scope = context.facts.scopes.find(path->id);
        const auto at = context.facts.paths.find(path->id);
        if (scope != context.facts.scopes.end() && scope->second.scope.kind == plan::ScopeKind::group) {
          for (const ModelNode& node : model.nodes()) {
            if (node.is_segment()) changed.emplace(std::string(node.name), 0U);
          }
          still_valid = false;
        } else if (scope != context.facts.scopes.end()) {
          const unsigned field = scope->second.field.path.field;
          changed.emplace(scope->second.name, field);
          emptied(scope->second.name, field);
        } else if (at != context.facts.paths.end()) {
          changed.emplace(at->second.segment, at->second.path.field);
          emptied(at->second.segment, at->second.path.field);
        }
      }
    }
  });
  Proofs after;
  for (const std::string& fact : before.facts) {
    if (fact == "valid") {
      if (still_valid) after.add(fact);
      continue;
    }
    const auto [segment, field] = subject_of(fact);
    if (changed.contains({std::string(segment), 0U}) || (field != 0 && changed.contains({std::string(segment), field})))
      continue;
    after.add(fact);
  }
  return after;
}

bool mapping_rejects(const syntax::MappingDecl& mapping) {
  bool rejects = false;
  walk_items(mapping.items, [&rejects](const syntax::MappingItem& item) {
    const syntax::ElseClause* clause = nullptr;
    if (const auto* assign = item.try_as<syntax::AssignItem>()) clause = assign->otherwise;
    if (const auto* remove = item.try_as<syntax::DeleteItem>()) clause = remove->otherwise;
    rejects = rejects || (clause != nullptr && clause->kind == syntax::ElseKind::reject);
  });
  return rejects;
}

}  // namespace smarthl7::check

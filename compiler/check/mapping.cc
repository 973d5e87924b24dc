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
    if (const auto* insert = item->try_as<syntax::InsertItem>()) walk_items(insert->items, f);
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

namespace {

/// The type of what the mapping makes; nullopt: it has none, which is reported.
std::optional<MessageType> result_of(Context& context, const syntax::MappingDecl& mapping) {
  const auto* message = context.project.declared<syntax::MessageDecl>(mapping.to);
  MessageType type;
  if (message != nullptr) type = context.message_type(*message);
  if (type.kind == MessageType::Kind::error) return std::nullopt;
  if (type.kind == MessageType::Kind::open) {
    if (message == nullptr && mapping.to->text != "hl7") return std::nullopt;
    context.sink.report(Code::E0449, mapping.to->span, "a mapping makes a message whose structure is known",
                        "name a `message` that states version and structure, or edit a copy: `mapping m : message { ... }`");
    return std::nullopt;
  }
  return type;
}

}  // namespace

void check_mapping(Context& context, const syntax::MappingDecl& mapping) {
  const auto state = state_of(context, mapping);
  if (!state) return;
  if (mapping.to == nullptr) {
    Statements statements(context, *state);
    statements.items(mapping.items);
    if (!statements.incomplete()) context.facts.complete.insert(mapping.id);
    return;
  }
  const auto result = result_of(context, mapping);
  if (!result) return;
  Statements statements(context, *state, *result);
  statements.items(mapping.items);
  if (statements.complete(mapping)) context.facts.complete.insert(mapping.id);
}

Proofs proofs_after(Context& context, const syntax::MappingDecl& mapping, const Proofs& before) {
  if (mapping.to != nullptr) {
    const auto* message = context.project.declared<syntax::MessageDecl>(mapping.to);
    const MessageType type = message != nullptr ? context.message_type(*message) : MessageType{};
    return context.facts.complete.contains(mapping.id) ? proofs_of(context, type) : Proofs{};
  }
  std::set<std::pair<std::string, unsigned>> changed;
  std::set<std::string> counted;
  bool still_valid = true;
  const auto state = state_of(context, mapping);
  if (!state) return {};
  const MessageModel model(state->type);
  if (!context.facts.complete.contains(mapping.id)) still_valid = false;
  const auto emptied = [&](const std::string& segment, unsigned field) {
    const auto part = field == 0 ? std::nullopt : model.field(segment, std::uint32_t{field});
    if (field == 0 || (part && part->min > 0)) still_valid = false;
  };
  walk_items(mapping.items, [&](const syntax::MappingItem& item) {
    if (const auto* assign = item.try_as<syntax::AssignItem>(); assign != nullptr && assign->target != nullptr) {
      const auto at = context.facts.paths.find(assign->target->id);
      if (at == context.facts.paths.end() || context.facts.made.contains(assign->target->id)) return;
      changed.emplace(at->second.segment, at->second.path.field);
      if (assign->value != nullptr && assign->value->kind == ExprKind::null_value)
        emptied(at->second.segment, at->second.path.field);
    } else if (const auto* insert = item.try_as<syntax::InsertItem>(); insert != nullptr && insert->segment != nullptr) {
      // Segments behind the new one are counted anew, so nothing is known of those of its name; a group brings all that it
      // holds.
      const auto at = context.facts.paths.find(insert->segment->id);
      if (at == context.facts.paths.end()) return;
      if (at->second.path.field != 0) {  // the last repetition is another one
        changed.emplace(at->second.segment, at->second.path.field);
        return;
      }
      for (const ModelNode& node : model.nodes()) {
        if (node.is_segment()) counted.insert(std::string(node.name));
      }
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
    if (counted.contains(std::string(segment)) && fact.find_first_of(":#") < fact.find_first_of("| ")) continue;
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
    if (const auto* insert = item.try_as<syntax::InsertItem>()) clause = insert->otherwise;
    rejects = rejects || (clause != nullptr && clause->kind == syntax::ElseKind::reject);
  });
  return rejects;
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/mapping.h"

#include <vector>

#include "compiler/check/mapping_result.h"
#include "compiler/lower/expressions.h"
#include "compiler/lower/paths.h"
#include "stdlib/base/assert.h"

namespace smarthl7::lower {
namespace {

using plan::Statement;
using plan::StatementOp;
using syntax::ExprKind;
using syntax::MappingItemKind;

class Statements {
 public:
  explicit Statements(PlanBuilder& builder) : builder_(builder) {}

  plan::Range body(syntax::List<syntax::MappingItem> items) {
    std::vector<Id> ids;
    for (const syntax::MappingItem* item : items) this->item(*item, ids);
    return builder_.list(ids);
  }

 private:
  void item(const syntax::MappingItem& item, std::vector<Id>& ids) {
    switch (item.kind) {
      case MappingItemKind::each: {
        const auto& each = item.as<syntax::EachItem>();
        Statement made = statement(StatementOp::each, item);
        made.scope = lower_scope(builder_, *each.scope, each.where);
        made.body = body(each.items);
        ids.push_back(builder_.add(made));
        return;
      }
      case MappingItemKind::assign: ids.push_back(assign(item.as<syntax::AssignItem>())); return;
      case MappingItemKind::remove:
        for (const syntax::PathExpr* path : item.as<syntax::DeleteItem>().paths)
          ids.push_back(remove(item.as<syntax::DeleteItem>(), *path));
        return;
      case MappingItemKind::when: ids.push_back(when(item.as<syntax::WhenItem>(), 0)); return;
      case MappingItemKind::insert: ids.push_back(insert(item.as<syntax::InsertItem>())); return;
      case MappingItemKind::error: break;
    }
    SMARTHL7_ASSERT(false, "a statement that passed the check can be lowered");
  }

  Statement statement(StatementOp op, const syntax::Node& node) {
    Statement made;
    made.op = op;
    made.place = builder_.place(node.span);
    return made;
  }

  [[nodiscard]] bool is_made(const syntax::PathExpr& path) const { return builder_.facts().made.contains(path.id); }

  /// Paths of fitting data types are copied as they stand; anything else is read, or computed, and written as text.
  StatementOp assignment(const syntax::AssignItem& item) const {
    if (item.value->kind == ExprKind::null_value) return StatementOp::assign_null;
    if (item.value->kind != ExprKind::path) return StatementOp::assign;
    if (builder_.facts().scopes.contains(item.value->id)) return StatementOp::copy_group;
    const check::ResolvedPath& target = builder_.facts().paths.at(item.target->id);
    if (target.path.field == 0) return is_made(*item.target) ? StatementOp::copy_segments : StatementOp::copy_segment;
    return builder_.facts().copies.contains(item.id) ? StatementOp::copy : StatementOp::assign;
  }

  Id assign(const syntax::AssignItem& item) {
    Statement made = statement(assignment(item), item);
    made.target = lower_path(builder_, *item.target);
    made.made = is_made(*item.target);
    if (made.op == StatementOp::copy_group) {
      made.scope = lower_scope(builder_, item.value->as<syntax::PathExpr>(), nullptr);
    } else if (made.op == StatementOp::assign) {
      made.value = lower_expression(builder_, *item.value);
    } else if (made.op != StatementOp::assign_null) {
      made.value = lower_path(builder_, item.value->as<syntax::PathExpr>());
    }
    made.on_failure = lower_else(builder_, item.otherwise);
    return builder_.add(made);
  }

  Id insert(const syntax::InsertItem& item) {
    const check::ResolvedPath& what = builder_.facts().paths.at(item.segment->id);
    Statement made = statement(what.path.field != 0      ? StatementOp::insert_repetition
                               : is_group(*item.segment) ? StatementOp::insert_group
                                                         : StatementOp::insert,
                               item);
    made.target = lower_path(builder_, *item.segment);
    made.made = is_made(*item.segment);
    if (item.after != nullptr) made.value = lower_path(builder_, *item.after);
    made.body = body(item.items);
    made.on_failure = lower_else(builder_, item.otherwise);
    return builder_.add(made);
  }
  [[nodiscard]] bool is_group(const syntax::PathExpr& path) const { return builder_.facts().groups.contains(path.id); }

  Id remove(const syntax::DeleteItem& item, const syntax::PathExpr& path) {
    const auto scope = builder_.facts().scopes.find(path.id);
    if (scope != builder_.facts().scopes.end() && scope->second.scope.kind != plan::ScopeKind::repetition) {
      Statement made = statement(StatementOp::remove_segments, path);
      made.scope = lower_scope(builder_, path, item.where);
      made.on_failure = lower_else(builder_, item.otherwise);
      return builder_.add(made);
    }
    Statement one = statement(StatementOp::remove, path);
    one.on_failure = lower_else(builder_, item.otherwise);
    if (scope != builder_.facts().scopes.end()) {
      // The repetitions for which the condition holds.
      check::ResolvedPath current = scope->second.field;
      current.path.repetition = plan::Pick::current;
      one.target = lower_resolved(builder_, current);
      Statement each = statement(StatementOp::each, path);
      each.scope = lower_scope(builder_, path, item.where);
      const Id body[] = {builder_.add(one)};
      each.body = builder_.list(body);
      return builder_.add(each);
    }
    one.target = lower_path(builder_, path);
    if (item.where == nullptr) return builder_.add(one);
    Statement made = statement(StatementOp::when, path);
    made.condition = lower_expression(builder_, *item.where);
    const Id body[] = {builder_.add(one)};
    made.body = builder_.list(body);
    return builder_.add(made);
  }

  /// Arm `index` and those after it.
  Id when(const syntax::WhenItem& item, std::size_t index) {
    const syntax::WhenMappingArm& arm = *item.arms[index];
    Statement made = statement(StatementOp::when, arm);
    made.condition = lower_expression(builder_, *arm.condition);
    made.body = body(arm.items);
    if (index + 1 < item.arms.size()) {
      const syntax::WhenMappingArm& next = *item.arms[index + 1];
      if (next.condition == nullptr) {
        made.otherwise = body(next.items);
      } else {
        const Id rest[] = {when(item, index + 1)};
        made.otherwise = builder_.list(rest);
      }
    }
    return builder_.add(made);
  }

  PlanBuilder& builder_;
};

}  // namespace

plan::Mapping lower_mapping(PlanBuilder& builder, const syntax::MappingDecl& mapping) {
  plan::Mapping made;
  made.name = builder.text(mapping.name->text);
  const auto* message = builder.context().project.declared<syntax::MessageDecl>(mapping.from);
  if (message != nullptr) made.message = builder.id_of(*message);
  if (const auto* result =
          mapping.to == nullptr ? nullptr : builder.context().project.declared<syntax::MessageDecl>(mapping.to)) {
    check::MessageType from;
    if (message != nullptr) from = builder.context().message_type(*message);
    const check::MadeEvent event = check::made_event(from, builder.context().message_type(*result));
    made.result = builder.id_of(*result);
    made.code = builder.text(event.code);
    made.trigger = builder.text(event.trigger);
  }
  made.body = Statements(builder).body(mapping.items);
  return made;
}

}  // namespace smarthl7::lower

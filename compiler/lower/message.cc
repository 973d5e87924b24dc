// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/message.h"

#include <fmt/format.h>

#include "compiler/check/model.h"
#include "compiler/lower/expressions.h"
#include "compiler/lower/paths.h"

namespace smarthl7::lower {
namespace {

using syntax::MessageItemKind;

/// The source text of a condition on one line, for findings.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  return line;
}

class Items {
 public:
  Items(PlanBuilder& builder, const check::MessageType& type, plan::Message& message)
      : builder_(builder), model_(type), message_(message) {}

  void lower(const syntax::MessageItem& item) {
    switch (item.kind) {
      case MessageItemKind::one: return one(item.as<syntax::OneItem>());
      case MessageItemKind::require: return require(item.as<syntax::RequireItem>());
      case MessageItemKind::condition: {
        const syntax::Expr& condition = *item.as<syntax::ConditionItem>().condition;
        return rule(plan::RuleKind::condition, condition, builder_.text(one_line(builder_.context().text(condition.span))));
      }
      case MessageItemKind::rule: {
        const auto& written = item.as<syntax::RuleItem>();
        return rule(plan::RuleKind::rule, *written.condition, builder_.text(written.text->text()));
      }
      case MessageItemKind::segment: return segment(item.as<syntax::SegmentItem>());
      case MessageItemKind::table: return table(item.as<syntax::TableItem>());
      case MessageItemKind::structure:
        message_.definition = builder_.text(one_line(item.as<syntax::StructureItem>().text->text));
        return;
      case MessageItemKind::error: return;
    }
  }

 private:
  void one(const syntax::OneItem& item) {
    const auto found = model_.find_node(*item.what);
    if (found) message_.cardinalities.push_back({.node = model_.node(*found).plan_node, .min = 1, .max = 1});
  }

  void require(const syntax::RequireItem& item) {
    for (const syntax::PathExpr* path : item.paths) {
      plan::Rule rule;
      rule.kind = plan::RuleKind::require;
      rule.path = lower_path(builder_, *path);
      rule.text = builder_.text(fmt::format("{} is required", builder_.facts().paths.at(path->id).text));
      rule.place = builder_.place(path->span);
      message_.rules.push_back(rule);
    }
  }

  void rule(plan::RuleKind kind, const syntax::Expr& condition, Id text) {
    plan::Rule rule;
    rule.kind = kind;
    rule.condition = lower_expression(builder_, condition);
    rule.path = subject(condition);
    rule.text = text;
    rule.place = builder_.place(condition.span);
    message_.rules.push_back(rule);
  }

  /// What a finding points at: the path whose every value is tested, else the first path of the message itself.
  Id subject(const syntax::Expr& condition) {
    const check::ResolvedPath* found = nullptr;
    syntax::walk(condition, [&](const syntax::Expr& part) {
      if (found != nullptr) return;
      if (const auto at = builder_.facts().every.find(part.id); at != builder_.facts().every.end())
        found = &at->second;
      else if (const auto path = builder_.facts().paths.find(part.id); path != builder_.facts().paths.end())
        found = &path->second;
    });
    if (found == nullptr || found->path.segment.frame != 0 || found->path.segment.group != plan::kNoNode) return plan::kNone;
    return lower_resolved(builder_, *found);
  }

  void segment(const syntax::SegmentItem& item) {
    plan::LocalSegment local;
    local.name = builder_.text(item.name->text);
    if (item.after != nullptr) {
      const auto after = model_.find_node(*item.after);
      local.after = after ? model_.node(*after).plan_node : plan::kNoNode;
    }
    local.required = item.required;
    local.repeats = item.repeats;
    auto& fields = builder_.plan().local_fields;
    local.fields = {static_cast<Id>(fields.size()), static_cast<Id>(item.fields.size())};
    for (const syntax::SegmentField* field : item.fields) {
      plan::LocalField made;
      made.number = static_cast<std::uint16_t>(field->number);
      made.name = builder_.text(field->name->text);
      made.type = builder_.text(field->type->text);
      made.length = static_cast<std::uint16_t>(field->length);
      made.required = field->required;
      made.repeats = field->repeats;
      made.phi = builder_.text(field->phi->text);
      fields.push_back(made);
    }
    message_.segments.push_back(local);
  }

  void table(const syntax::TableItem& item) {
    std::vector<Id> codes;
    for (const syntax::Expr* code : item.adds) codes.push_back(builder_.text(code->as<syntax::StringExpr>().text()));
    message_.tables.push_back(
        {.table = check::table_number(item.table->text), .codes = builder_.list(codes), .closed = item.closed});
  }

  PlanBuilder& builder_;
  check::MessageModel model_;
  plan::Message& message_;
};

}  // namespace

plan::Message lower_message(PlanBuilder& builder, const syntax::MessageDecl& message) {
  const check::MessageType type = builder.context().message_type(message);
  plan::Message made;
  made.name = builder.text(message.name->text);
  made.version = builder.text(type.version.name());
  made.from_version = message.type->from_version != nullptr ? builder.text(message.type->from_version->text) : made.version;
  made.structure = builder.text(type.structure.name());
  Items items(builder, type, made);
  for (const syntax::MessageItem* item : message.items) items.lower(*item);
  return made;
}

}  // namespace smarthl7::lower

// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/lower.h"

namespace smarthl7::syntax {

List<MessageItem> Lowering::message_items(At block) {
  std::vector<const MessageItem*> items;
  for (const At item : block) items.push_back(message_item(item));
  return list(items);
}

const MessageItem* Lowering::message_item(At at) {
  switch (at.kind()) {
    case Kind::one: {
      auto* item = make<OneItem>(at);
      item->what = path(at.first());
      return item;
    }
    case Kind::require: {
      auto* item = make<RequireItem>(at);
      item->paths = paths(at);
      return item;
    }
    case Kind::condition: {
      auto* item = make<ConditionItem>(at);
      item->condition = only_expression(at);
      return item;
    }
    case Kind::segment: return segment(at);
    case Kind::rule: {
      auto* item = make<RuleItem>(at);
      item->text = string(at.first());
      item->condition = expression(*++at.begin());
      return item;
    }
    case Kind::table_item: {
      auto* item = make<TableItem>(at);
      std::vector<const Expr*> adds;
      for (const At part : at) {
        if (part.kind() == Kind::name) {
          item->table = name(part);
        } else if (part.kind() == Kind::closed) {
          item->closed = true;
        } else {
          adds.push_back(expression(part));
        }
      }
      item->adds = list(adds);
      return item;
    }
    case Kind::structure_item: {
      auto* item = make<StructureItem>(at);
      auto* inside = make<Name>(at.first());  // without the outer braces
      ++inside->span.begin;
      --inside->span.end;
      inside->text = text(at.first());
      inside->text = inside->text.substr(1, inside->text.size() - 2);
      item->text = inside;
      return item;
    }
    default: return make<ErrorMessageItem>(at);
  }
}

const MessageItem* Lowering::segment(At at) {
  auto* item = make<SegmentItem>(at);
  std::vector<const SegmentField*> fields;
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::name: item->name = name(part); break;
      case Kind::required: item->required = true; break;
      case Kind::repeats: item->repeats = true; break;
      case Kind::after_clause: item->after = path(part.first()); break;
      case Kind::block:
      case Kind::block_open:
        for (const At field : part) {
          if (field.kind() == Kind::segment_field) fields.push_back(segment_field(field));
        }
        break;
      default: break;
    }
  }
  item->fields = list(fields);
  return item;
}

const SegmentField* Lowering::segment_field(At at) {
  auto* field = make<SegmentField>(at);
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::number: field->number = number(part, span(part)); break;
      case Kind::name: (field->name == nullptr ? field->name : field->type) = name(part); break;
      case Kind::length: field->length = number(part, span(part)); break;
      case Kind::required: field->required = true; break;
      case Kind::repeats: field->repeats = true; break;
      case Kind::phi_clause: field->phi = name(part.first()); break;
      default: break;
    }
  }
  return field;
}

List<MappingItem> Lowering::mapping_items(At block) {
  std::vector<const MappingItem*> items;
  for (const At item : block) items.push_back(mapping_item(item));
  return list(items);
}

const MappingItem* Lowering::mapping_item(At at) {
  const auto shared = [this](At part, auto& item) {
    switch (part.kind()) {
      case Kind::where:
        if constexpr (requires { item.where; }) item.where = only_expression(part);
        return true;
      case Kind::otherwise:
        if constexpr (requires { item.otherwise; }) item.otherwise = else_clause(part);
        return true;
      case Kind::after_clause:
        if constexpr (requires { item.after; }) item.after = path(part.first());
        return true;
      case Kind::block:
      case Kind::block_open:
        if constexpr (requires { item.items; }) item.items = mapping_items(part);
        return true;
      default: return false;
    }
  };
  switch (at.kind()) {
    case Kind::each_item: {
      auto* item = make<EachItem>(at);
      for (const At part : at) {
        if (!shared(part, *item)) item->scope = path(part);
      }
      return item;
    }
    case Kind::assign: {
      auto* item = make<AssignItem>(at);
      for (const At part : at) {
        if (item->target == nullptr) {
          item->target = path(part);
        } else if (!shared(part, *item)) {
          item->value = expression(part);
        }
      }
      return item;
    }
    case Kind::remove: {
      auto* item = make<DeleteItem>(at);
      item->paths = paths(at);
      for (const At part : at) shared(part, *item);
      return item;
    }
    case Kind::insert: {
      auto* item = make<InsertItem>(at);
      for (const At part : at) {
        if (!shared(part, *item)) item->segment = path(part);
      }
      return item;
    }
    case Kind::when_item: {
      auto* item = make<WhenItem>(at);
      std::vector<const WhenMappingArm*> arms;
      for (const At part : at) arms.push_back(mapping_arm(part));
      item->arms = list(arms);
      return item;
    }
    default: return make<ErrorMappingItem>(at);
  }
}

const WhenMappingArm* Lowering::mapping_arm(At at) {
  auto* arm = make<WhenMappingArm>(at);
  for (const At part : at) {
    switch (part.kind()) {
      case Kind::when_word: report_if(part); break;
      case Kind::arm_otherwise: break;
      case Kind::block:
      case Kind::block_open: arm->items = mapping_items(part); break;
      default: arm->condition = expression(part);
    }
  }
  return arm;
}

List<RedactionItem> Lowering::redaction_items(At block) {
  std::vector<const RedactionItem*> items;
  for (const At at : block) {
    if (at.kind() == Kind::error) continue;
    auto* item = make<RedactionItem>(at);
    std::vector<const Option*> arguments;
    item->paths = paths(at);
    for (const At part : at) {
      if (part.kind() == Kind::labels) item->labels = names(part);
      if (part.kind() == Kind::method) item->method = name(part);
      if (part.kind() == Kind::option) arguments.push_back(option(part));
    }
    item->arguments = list(arguments);
    items.push_back(item);
  }
  return list(items);
}

}  // namespace smarthl7::syntax

// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/tree.h"

namespace smarthl7::lsp {
namespace {

using namespace syntax;

class Walk {
 public:
  Walk(const driver::Analysis& analysis, TreeVisitor& visitor) : analysis_(analysis), visitor_(visitor) {}

  void declaration(const Declaration& declaration);

 private:
  void name(const Name* name, Role role) {
    if (name != nullptr && !name->text.empty()) visitor_.name(*name, role, around_);
  }
  void names(List<Name> list, Role role) {
    for (const Name* one : list) name(one, role);
  }
  void expr(const Expr* expr, const Expr* parent = nullptr);
  template <class T>
  void exprs(List<T> list) {
    for (const T* one : list) expr(one);
  }
  void file(const StringExpr* text) {
    if (text == nullptr) return;
    expr(text);
    visitor_.file(*text);
  }
  void otherwise(const ElseClause* clause) {
    if (clause == nullptr) return;
    name(clause->ack_code, Role::ack);
    expr(clause->reason);
    names(clause->destinations, Role::used);
    expr(clause->value);
  }
  void type(const syntax::MessageType* type);
  void setting_type(const TypeRef* type) {
    if (type == nullptr) return;
    name(type->name, Role::type);
    setting_type(type->element);
  }
  void options(const OptionBlock* block, const std::string& prefix = {});
  void option(const Option& option, const std::string& prefix);
  void items(List<MessageItem> list);
  void items(List<MappingItem> list);
  void segment(const SegmentItem& item);
  void steps(List<Step> list);
  void arms(List<Arm> list, const Expr* subject);
  void step(const Step& step);
  void test(List<TestItem> list);
  void connection(const Name* transport, const OptionBlock* block) {
    name(transport, Role::transport);
    options(block);
  }

  const driver::Analysis& analysis_;
  TreeVisitor& visitor_;
  Around around_;
  check::MessageType made_;  // of a mapping to another message: that one
};

void Walk::expr(const Expr* expr, const Expr* parent) {
  if (expr == nullptr) return;
  // In a mapping to another message, a place of what is made is read by that one's type.
  const check::MessageType outer = around_.type;
  if (expr->kind == ExprKind::path && analysis_.facts.made.contains(expr->id)) around_.type = made_;
  visitor_.expr(*expr, parent, around_);
  around_.type = outer;
  if (const auto* call = expr->try_as<CallExpr>()) name(call->function, Role::function);
  if (const auto* lookup = expr->try_as<LookupExpr>()) name(lookup->table, Role::used);
  for_each_child(*expr, [&](const Expr& child) { this->expr(&child, expr); });
  if (const auto* lookup = expr->try_as<LookupExpr>()) name(lookup->column, Role::column);
  if (const auto* in = expr->try_as<InExpr>()) {
    name(in->table, Role::used);
    for (const Expr* value : in->values) visitor_.compared(*value, *in->operand, around_);
  }
  if (const auto* binary = expr->try_as<BinaryExpr>();
      binary != nullptr && binary->left != nullptr && binary->right != nullptr) {
    if (binary->op != BinaryOp::equal && binary->op != BinaryOp::not_equal) return;
    if (binary->right->kind == ExprKind::string) visitor_.compared(*binary->right, *binary->left, around_);
    if (binary->left->kind == ExprKind::string) visitor_.compared(*binary->left, *binary->right, around_);
  }
}

void Walk::type(const syntax::MessageType* type) {
  if (type == nullptr || type->format == nullptr) return;
  const std::string_view format = type->format->text;
  const bool known = format == "hl7" || format == "xml" || format == "json" || format == "bytes";
  name(type->format, known ? Role::format : Role::used);
  name(type->version, Role::version);
  name(type->from_version, Role::version);
  name(type->structure, Role::structure);
}

void Walk::options(const OptionBlock* block, const std::string& prefix) {
  if (block == nullptr) return;
  for (const Option* one : block->options) option(*one, prefix);
}

void Walk::option(const Option& option, const std::string& prefix) {
  if (option.name == nullptr) return;
  OptionPlace place;
  place.path = prefix + std::string(option.name->text);
  place.spec = option_spec(*around_.declaration, place.path);
  visitor_.option(option, place, around_);
  name(option.name, Role::option);
  for (const Expr* value : option.values) {
    expr(value);
    if (option.connective == Connective::file && value->kind == ExprKind::string) visitor_.file(value->as<StringExpr>());
  }
  if (option.block != nullptr) visitor_.node(option);
  options(option.block, place.path + ".");
  if (option.nested != nullptr) this->option(*option.nested, place.path + ".");
}

void Walk::segment(const SegmentItem& item) {
  visitor_.node(item);
  name(item.name, Role::segment);
  expr(item.after);
  for (const SegmentField* field : item.fields) {
    name(field->name, Role::field);
    name(field->type, Role::datatype);
    name(field->phi, Role::phi);
  }
}

void Walk::items(List<MessageItem> list) {
  for (const MessageItem* item : list) {
    switch (item->kind) {
      case MessageItemKind::one: expr(item->as<OneItem>().what); break;
      case MessageItemKind::require: exprs(item->as<RequireItem>().paths); break;
      case MessageItemKind::condition: expr(item->as<ConditionItem>().condition); break;
      case MessageItemKind::rule:
        visitor_.node(*item);
        expr(item->as<RuleItem>().text);
        expr(item->as<RuleItem>().condition);
        break;
      case MessageItemKind::segment: segment(item->as<SegmentItem>()); break;
      case MessageItemKind::table:
        name(item->as<TableItem>().table, Role::table);
        exprs(item->as<TableItem>().adds);
        break;
      case MessageItemKind::structure: visitor_.node(*item); break;
      case MessageItemKind::error: break;
    }
  }
}

void Walk::items(List<MappingItem> list) {
  for (const MappingItem* item : list) {
    visitor_.node(*item);
    switch (item->kind) {
      case MappingItemKind::each:
        expr(item->as<EachItem>().scope);
        expr(item->as<EachItem>().where);
        items(item->as<EachItem>().items);
        break;
      case MappingItemKind::assign: {
        const auto& assign = item->as<AssignItem>();
        expr(assign.target);
        expr(assign.value);
        if (assign.target != nullptr && assign.value != nullptr && assign.value->kind == ExprKind::string)
          visitor_.compared(*assign.value, *assign.target, around_);
        otherwise(assign.otherwise);
        break;
      }
      case MappingItemKind::remove:
        exprs(item->as<DeleteItem>().paths);
        expr(item->as<DeleteItem>().where);
        otherwise(item->as<DeleteItem>().otherwise);
        break;
      case MappingItemKind::insert:
        expr(item->as<InsertItem>().segment);
        expr(item->as<InsertItem>().after);
        items(item->as<InsertItem>().items);
        otherwise(item->as<InsertItem>().otherwise);
        break;
      case MappingItemKind::when:
        for (const WhenMappingArm* arm : item->as<WhenItem>().arms) {
          visitor_.node(*arm);
          expr(arm->condition);
          items(arm->items);
        }
        break;
      case MappingItemKind::error: break;
    }
  }
}

void Walk::steps(List<Step> list) {
  for (const Step* one : list) {
    const check::MessageType outer = around_.type;
    const auto at = analysis_.facts.steps.find(one->id);
    if (at != analysis_.facts.steps.end()) around_.type = at->second.type;
    visitor_.node(*one);
    visitor_.step(*one);
    step(*one);
    around_.type = outer;
  }
}

void Walk::arms(List<Arm> list, const Expr* subject) {
  for (const Arm* arm : list) {
    visitor_.node(*arm);
    expr(arm->condition);
    for (const Expr* value : arm->values) {
      expr(value);
      if (subject != nullptr) visitor_.compared(*value, *subject, around_);
    }
    steps(arm->steps);
  }
}

void Walk::step(const Step& step) {
  switch (step.kind) {
    case StepKind::from: names(step.as<FromStep>().sources, Role::used); break;
    case StepKind::validate:
      name(step.as<ValidateStep>().message, Role::used);
      otherwise(step.as<ValidateStep>().otherwise);
      break;
    case StepKind::dedup:
      exprs(step.as<DedupStep>().keys);
      expr(step.as<DedupStep>().within);
      exprs(step.as<DedupStep>().ignoring);
      name(step.as<DedupStep>().conflict_code, Role::ack);
      break;
    case StepKind::map:
      name(step.as<MapStep>().mapping, Role::used);
      otherwise(step.as<MapStep>().otherwise);
      break;
    case StepKind::apply:
      name(step.as<ApplyStep>().transform, Role::format);
      file(step.as<ApplyStep>().file);
      options(step.as<ApplyStep>().options);
      type(step.as<ApplyStep>().as_type);
      otherwise(step.as<ApplyStep>().otherwise);
      break;
    case StepKind::convert:
      type(step.as<ConvertStep>().type);
      otherwise(step.as<ConvertStep>().otherwise);
      break;
    case StepKind::redact:
      name(step.as<RedactStep>().redaction, Role::used);
      otherwise(step.as<RedactStep>().otherwise);
      break;
    case StepKind::when: arms(step.as<WhenStep>().arms, nullptr); break;
    case StepKind::route:
      expr(step.as<RouteStep>().subject);
      arms(step.as<RouteStep>().arms, step.as<RouteStep>().subject);
      break;
    case StepKind::fanout: arms(step.as<FanoutStep>().arms, nullptr); break;
    case StepKind::branch: steps(step.as<BranchStep>().steps); break;
    case StepKind::split: expr(step.as<SplitStep>().group); break;
    case StepKind::batch:
      expr(step.as<BatchStep>().count);
      expr(step.as<BatchStep>().within);
      break;
    case StepKind::deliver: names(step.as<DeliverStep>().destinations, Role::used); break;
    case StepKind::respond:
      name(step.as<RespondStep>().destination, Role::used);
      expr(step.as<RespondStep>().within);
      break;
    case StepKind::dead: expr(step.as<DeadStep>().reason); break;
    case StepKind::drop: expr(step.as<DropStep>().reason); break;
    case StepKind::reject:
      name(step.as<RejectStep>().ack_code, Role::ack);
      expr(step.as<RejectStep>().reason);
      break;
    case StepKind::error: break;
  }
}

void Walk::test(List<TestItem> list) {
  for (const TestItem* item : list) {
    visitor_.node(*item);
    switch (item->kind) {
      case TestItemKind::given_answers:
        name(item->as<GivenAnswersItem>().destination, Role::used);
        for (const Answer* answer : item->as<GivenAnswersItem>().answers) {
          name(answer->code, Role::ack);
          expr(answer->late);
          expr(answer->times);
        }
        break;
      case TestItemKind::given_down:
        name(item->as<GivenDownItem>().destination, Role::used);
        expr(item->as<GivenDownItem>().duration);
        break;
      case TestItemKind::send:
        if (item->as<SendItem>().file) {
          file(item->as<SendItem>().text);
        } else {
          expr(item->as<SendItem>().text);
        }
        name(item->as<SendItem>().source, Role::used);
        break;
      case TestItemKind::after: expr(item->as<AfterItem>().duration); break;
      case TestItemKind::expect_ack: name(item->as<ExpectAckItem>().code, Role::ack); break;
      case TestItemKind::expect_gets: {
        const Name* destination = item->as<ExpectGetsItem>().destination;
        if (destination != nullptr && destination->text != "dead") name(destination, Role::used);
        expr(item->as<ExpectGetsItem>().count);
        exprs(item->as<ExpectGetsItem>().conditions);
        break;
      }
      case TestItemKind::expect_alert: name(item->as<ExpectAlertItem>().alert, Role::used); break;
      case TestItemKind::error: break;
    }
  }
}

void Walk::declaration(const Declaration& declaration) {
  around_ = {&declaration, message_type_of(analysis_, declaration)};
  if (const auto* mapping = declaration.try_as<MappingDecl>(); mapping != nullptr && mapping->to != nullptr) {
    const auto* to = analysis_.project.declared<MessageDecl>(mapping->to);
    made_ = to == nullptr ? check::MessageType{} : analysis_.context.message_type(*to);
  }
  visitor_.node(declaration);
  if (declaration.kind != DeclKind::use) name(declaration.name, Role::declared);
  switch (declaration.kind) {
    case DeclKind::use: name(declaration.as<UseDecl>().what, Role::module); break;
    case DeclKind::setting:
      setting_type(declaration.as<SettingDecl>().type);
      expr(declaration.as<SettingDecl>().value);
      break;
    case DeclKind::oauth: options(declaration.as<OauthDecl>().options); break;
    case DeclKind::contact: options(declaration.as<ContactDecl>().options); break;
    case DeclKind::environment:
      for (const SettingValue* value : declaration.as<EnvironmentDecl>().values) {
        name(value->setting, Role::used);
        expr(value->value);
      }
      break;
    case DeclKind::table:
      name(declaration.as<TableDecl>().format, Role::format);
      file(declaration.as<TableDecl>().file);
      options(declaration.as<TableDecl>().options);
      break;
    case DeclKind::message:
      type(declaration.as<MessageDecl>().type);
      items(declaration.as<MessageDecl>().items);
      break;
    case DeclKind::mapping:
      name(declaration.as<MappingDecl>().from, Role::used);
      name(declaration.as<MappingDecl>().to, Role::used);
      items(declaration.as<MappingDecl>().items);
      break;
    case DeclKind::redaction:
      name(declaration.as<RedactionDecl>().base, Role::used);
      for (const RedactionItem* item : declaration.as<RedactionDecl>().items) {
        exprs(item->paths);
        names(item->labels, Role::phi);
        name(item->method, Role::method);
        for (const Option* argument : item->arguments) option(*argument, {});
      }
      break;
    case DeclKind::retry:
      name(declaration.as<RetryDecl>().base, Role::used);
      options(declaration.as<RetryDecl>().options);
      break;
    case DeclKind::source: connection(declaration.as<SourceDecl>().transport, declaration.as<SourceDecl>().options); break;
    case DeclKind::destination:
      connection(declaration.as<DestinationDecl>().transport, declaration.as<DestinationDecl>().options);
      break;
    case DeclKind::flow: steps(declaration.as<FlowDecl>().steps); break;
    case DeclKind::alert:
      for (const AlertCondition* condition : declaration.as<AlertDecl>().conditions) {
        name(condition->quantile, Role::metric);
        name(condition->metric, Role::metric);
        name(condition->subject, Role::used);
        expr(condition->value);
        expr(condition->duration);
      }
      names(declaration.as<AlertDecl>().notify, Role::used);
      break;
    case DeclKind::test:
      expr(declaration.as<TestDecl>().title);
      test(declaration.as<TestDecl>().items);
      break;
    case DeclKind::language:
    case DeclKind::secret:
    case DeclKind::error: break;
  }
}

}  // namespace

void visit(const driver::Analysis& analysis, const Declaration& declaration, TreeVisitor& visitor) {
  Walk(analysis, visitor).declaration(declaration);
}

void visit(const driver::Analysis& analysis, const ParsedFile& file, TreeVisitor& visitor) {
  for (const Declaration* declaration : file.declarations) visit(analysis, *declaration, visitor);
}

check::MessageType message_type_of(const driver::Analysis& analysis, const Declaration& declaration) {
  const auto of = [&](const MessageDecl* message) {
    return message == nullptr ? check::MessageType{} : analysis.context.message_type(*message);
  };
  if (const auto* message = declaration.try_as<MessageDecl>()) return of(message);
  if (const auto* mapping = declaration.try_as<MappingDecl>()) return of(analysis.project.declared<MessageDecl>(mapping->from));
  return {};
}

const connectors::OptionSpec* option_spec(const Declaration& declaration, std::string_view path) {
  const Name* transport = nullptr;
  auto role = connectors::Role::source;
  if (const auto* source = declaration.try_as<SourceDecl>()) transport = source->transport;
  if (const auto* destination = declaration.try_as<DestinationDecl>()) {
    transport = destination->transport;
    role = connectors::Role::destination;
  }
  if (transport == nullptr) {
    for (const connectors::OptionSpec& spec : connectors::declaration_options(spelling(declaration.kind))) {
      if (spec.path == path) return &spec;
    }
    return nullptr;
  }
  const connectors::ConnectorSpec* connector = connectors::find_connector(transport->text);
  return connector == nullptr ? nullptr : connectors::find_option(*connector, role, path);
}

}  // namespace smarthl7::lsp

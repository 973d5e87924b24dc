// SPDX-License-Identifier: Apache-2.0
#include "compiler/resolve/walk.h"

namespace smarthl7::resolve {
namespace {

using namespace syntax;

class Walk {
 public:
  explicit Walk(UseVisitor& visitor) : visitor_(visitor) {}

  void declaration(const Declaration& declaration);

 private:
  void name(const Name* name, std::initializer_list<DeclKind> kinds) {
    if (name != nullptr) visitor_.name(*name, name->text, kinds);
  }
  void names(List<Name> list, std::initializer_list<DeclKind> kinds) {
    for (const Name* one : list) name(one, kinds);
  }
  void expr(const Expr* expr) {
    if (expr == nullptr) return;
    walk(*expr, [this](const Expr& part) {
      if (const auto* lookup = part.try_as<LookupExpr>()) name(lookup->table, {DeclKind::table});
      if (const auto* in = part.try_as<InExpr>()) name(in->table, {DeclKind::table});
      if (const auto* word = part.try_as<NameExpr>()) visitor_.word(*word);
    });
  }
  template <class T>
  void exprs(List<T> list) {
    for (const T* one : list) expr(one);
  }
  void otherwise(const ElseClause* clause) {
    if (clause == nullptr) return;
    expr(clause->reason);
    names(clause->destinations, {DeclKind::destination});
    expr(clause->value);
  }
  void options(const OptionBlock* block) {
    if (block == nullptr) return;
    for (const Option* one : block->options) option(*one);
  }
  void option(const Option& option) {
    exprs(option.values);
    options(option.block);
    if (option.nested != nullptr) this->option(*option.nested);
  }
  void type(const syntax::MessageType* type) {
    if (type == nullptr || type->format == nullptr) return;
    const std::string_view format = type->format->text;
    if (format != "hl7" && format != "xml" && format != "json" && format != "bytes") name(type->format, {DeclKind::message});
  }
  void items(List<MessageItem> list);
  void items(List<MappingItem> list);
  void steps(List<Step> list) {
    for (const Step* one : list) step(*one);
  }
  void arms(List<Arm> list) {
    for (const Arm* arm : list) {
      expr(arm->condition);
      exprs(arm->values);
      steps(arm->steps);
    }
  }
  void step(const Step& step);
  void test(List<TestItem> list);

  UseVisitor& visitor_;
};

void Walk::items(List<MessageItem> list) {
  for (const MessageItem* item : list) {
    switch (item->kind) {
      case MessageItemKind::one: expr(item->as<OneItem>().what); break;
      case MessageItemKind::require: exprs(item->as<RequireItem>().paths); break;
      case MessageItemKind::condition: expr(item->as<ConditionItem>().condition); break;
      case MessageItemKind::rule: expr(item->as<RuleItem>().condition); break;
      case MessageItemKind::segment:
      case MessageItemKind::table:
      case MessageItemKind::structure:
      case MessageItemKind::error: break;
    }
  }
}

void Walk::items(List<MappingItem> list) {
  for (const MappingItem* item : list) {
    switch (item->kind) {
      case MappingItemKind::each: {
        const auto& each = item->as<EachItem>();
        expr(each.scope);
        expr(each.where);
        items(each.items);
        break;
      }
      case MappingItemKind::assign: {
        const auto& assign = item->as<AssignItem>();
        expr(assign.target);
        expr(assign.value);
        otherwise(assign.otherwise);
        break;
      }
      case MappingItemKind::remove: {
        const auto& remove = item->as<DeleteItem>();
        exprs(remove.paths);
        expr(remove.where);
        otherwise(remove.otherwise);
        break;
      }
      case MappingItemKind::insert: {
        const auto& insert = item->as<InsertItem>();
        items(insert.items);
        otherwise(insert.otherwise);
        break;
      }
      case MappingItemKind::when:
        for (const WhenMappingArm* arm : item->as<WhenItem>().arms) {
          expr(arm->condition);
          items(arm->items);
        }
        break;
      case MappingItemKind::error: break;
    }
  }
}

void Walk::step(const Step& step) {
  switch (step.kind) {
    case StepKind::from: names(step.as<FromStep>().sources, {DeclKind::source}); break;
    case StepKind::validate:
      name(step.as<ValidateStep>().message, {DeclKind::message});
      otherwise(step.as<ValidateStep>().otherwise);
      break;
    case StepKind::dedup:
      exprs(step.as<DedupStep>().keys);
      exprs(step.as<DedupStep>().ignoring);
      expr(step.as<DedupStep>().within);
      break;
    case StepKind::map:
      name(step.as<MapStep>().mapping, {DeclKind::mapping});
      otherwise(step.as<MapStep>().otherwise);
      break;
    case StepKind::apply:
      options(step.as<ApplyStep>().options);
      type(step.as<ApplyStep>().as_type);
      otherwise(step.as<ApplyStep>().otherwise);
      break;
    case StepKind::convert:
      type(step.as<ConvertStep>().type);
      otherwise(step.as<ConvertStep>().otherwise);
      break;
    case StepKind::redact: {
      name(step.as<RedactStep>().redaction, {DeclKind::redaction});
      otherwise(step.as<RedactStep>().otherwise);
      break;
    }
    case StepKind::when: arms(step.as<WhenStep>().arms); break;
    case StepKind::route:
      expr(step.as<RouteStep>().subject);
      arms(step.as<RouteStep>().arms);
      break;
    case StepKind::fanout: arms(step.as<FanoutStep>().arms); break;
    case StepKind::branch: steps(step.as<BranchStep>().steps); break;
    case StepKind::respond: name(step.as<RespondStep>().destination, {DeclKind::destination}); break;
    case StepKind::deliver: names(step.as<DeliverStep>().destinations, {DeclKind::destination}); break;
    case StepKind::dead: expr(step.as<DeadStep>().reason); break;
    case StepKind::drop: expr(step.as<DropStep>().reason); break;
    case StepKind::reject: expr(step.as<RejectStep>().reason); break;
    case StepKind::split:
    case StepKind::batch:
    case StepKind::error: break;
  }
}

void Walk::test(List<TestItem> list) {
  for (const TestItem* item : list) {
    switch (item->kind) {
      case TestItemKind::given_answers: name(item->as<GivenAnswersItem>().destination, {DeclKind::destination}); break;
      case TestItemKind::given_down: name(item->as<GivenDownItem>().destination, {DeclKind::destination}); break;
      case TestItemKind::send: name(item->as<SendItem>().source, {DeclKind::source}); break;
      case TestItemKind::expect_gets: {
        const Name* destination = item->as<ExpectGetsItem>().destination;
        if (destination != nullptr && destination->text != "dead") name(destination, {DeclKind::destination});
        exprs(item->as<ExpectGetsItem>().conditions);
        break;
      }
      case TestItemKind::expect_alert: name(item->as<ExpectAlertItem>().alert, {DeclKind::alert}); break;
      case TestItemKind::after:
      case TestItemKind::expect_ack:
      case TestItemKind::error: break;
    }
  }
}

void Walk::declaration(const Declaration& declaration) {
  switch (declaration.kind) {
    case DeclKind::setting: expr(declaration.as<SettingDecl>().value); break;
    case DeclKind::oauth: options(declaration.as<OauthDecl>().options); break;
    case DeclKind::contact: options(declaration.as<ContactDecl>().options); break;
    case DeclKind::environment:
      for (const SettingValue* value : declaration.as<EnvironmentDecl>().values) {
        name(value->setting, {DeclKind::setting});
        expr(value->value);
      }
      break;
    case DeclKind::table: break;  // its options name columns
    case DeclKind::message:
      type(declaration.as<MessageDecl>().type);
      items(declaration.as<MessageDecl>().items);
      break;
    case DeclKind::mapping:
      name(declaration.as<MappingDecl>().from, {DeclKind::message});
      name(declaration.as<MappingDecl>().to, {DeclKind::message});
      items(declaration.as<MappingDecl>().items);
      break;
    case DeclKind::redaction: {
      const auto& redaction = declaration.as<RedactionDecl>();
      name(redaction.base, {DeclKind::redaction});
      for (const RedactionItem* item : redaction.items) {
        for (const Option* argument : item->arguments) option(*argument);
      }
      break;
    }
    case DeclKind::retry:
      name(declaration.as<RetryDecl>().base, {DeclKind::retry});
      options(declaration.as<RetryDecl>().options);
      break;
    case DeclKind::source: options(declaration.as<SourceDecl>().options); break;
    case DeclKind::destination: options(declaration.as<DestinationDecl>().options); break;
    case DeclKind::flow: steps(declaration.as<FlowDecl>().steps); break;
    case DeclKind::alert: {
      const auto& alert = declaration.as<AlertDecl>();
      for (const AlertCondition* condition : alert.conditions) {
        name(condition->subject, {condition->of_destination ? DeclKind::destination : DeclKind::flow});
      }
      names(alert.notify, {DeclKind::contact});
      break;
    }
    case DeclKind::test: test(declaration.as<TestDecl>().items); break;
    case DeclKind::language:
    case DeclKind::use:
    case DeclKind::secret:
    case DeclKind::error: break;
  }
}

}  // namespace

void visit_uses(const Declaration& declaration, UseVisitor& visitor) { Walk(visitor).declaration(declaration); }

}  // namespace smarthl7::resolve

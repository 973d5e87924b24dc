// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/lower.h"

#include "compiler/check/alerts.h"
#include "compiler/check/naming.h"
#include "compiler/check/options.h"
#include "compiler/check/values.h"
#include "compiler/lower/flow.h"
#include "compiler/lower/mapping.h"
#include "compiler/lower/message.h"
#include "compiler/lower/plan_builder.h"
#include "compiler/lower/redaction.h"
#include "compiler/lower/tests.h"

namespace smarthl7::lower {
namespace {

using check::TypeKind;

class Lowerer {
 public:
  Lowerer(const check::Context& context, bool with_tests) : context_(context), with_tests_(with_tests), builder_(context) {}

  /// Into plan(); once.
  void lower(std::string_view compiler_version, const Sha256& library) {
    assign<syntax::SettingDecl>();
    assign<syntax::TableDecl>();
    assign<syntax::MessageDecl>();
    assign<syntax::MappingDecl>();
    assign<syntax::SourceDecl>();
    assign<syntax::DestinationDecl>();
    assign<syntax::FlowDecl>();
    assign<syntax::AlertDecl>();
    assign_retries();
    plan::Plan& plan = builder_.plan();
    plan.compiler_version = compiler_version;
    plan.library = library;
    for (const check::InputFile& input : context_.inputs) plan.inputs.push_back({builder_.text(input.path), input.digest});
    settings();
    for (const auto& [name, table] : context_.tables) plan.tables.push_back(lower_table(table));
    retries();
    for (const auto& [name, source] : context_.source_ends) plan.sources.push_back(lower_source(source));
    for (const auto& [name, destination] : context_.destinations) plan.destinations.push_back(lower_destination(destination));
    for (const auto* message : context_.project.all<syntax::MessageDecl>()) {
      plan::Message lowered = lower_message(builder_, *message);
      plan.messages.push_back(std::move(lowered));
    }
    for (const auto* mapping : context_.project.all<syntax::MappingDecl>()) {
      const plan::Mapping lowered = lower_mapping(builder_, *mapping);
      plan.mappings.push_back(lowered);
    }
    for (const auto* flow : context_.project.all<syntax::FlowDecl>()) {
      const plan::Flow lowered = lower_flow(builder_, *flow);
      plan.flows.push_back(lowered);
    }
    // For whoever names one without a flow: any message of any version.
    for (const auto* redaction : context_.project.all<syntax::RedactionDecl>())
      lower_redaction(builder_, redaction->name->text);
    for (const auto* alert : context_.project.all<syntax::AlertDecl>()) plan.alerts.push_back(lower_alert(*alert));
  }

  [[nodiscard]] plan::Plan take() { return std::move(builder_.plan()); }
  [[nodiscard]] std::vector<plan::Trial> tests() { return lower_tests(builder_); }

 private:
  plan::Alert lower_alert(const syntax::AlertDecl& alert) {
    plan::Alert lowered;
    lowered.name = builder_.text(alert.name->text);
    for (const syntax::AlertCondition* condition : alert.conditions) {
      plan::AlertCondition& one = lowered.conditions.emplace_back();
      one.metric = builder_.text(condition->metric->text);
      if (condition->quantile != nullptr) one.quantile = check::quantile_of(condition->quantile->text).value_or(0);
      (condition->of_destination ? one.destination : one.flow) = builder_.id_of_use(condition->subject);
      one.op = builder_.text(spelling(condition->op));
      const route::Metric* metric = route::find_metric(condition->metric->text);
      if (metric != nullptr) one.value = check::alert_value(*metric, *condition->value).value_or(0);
      const auto* duration = condition->duration == nullptr ? nullptr : condition->duration->try_as<syntax::UnitExpr>();
      if (duration != nullptr) one.for_micros = check::duration_micros(*duration).value_or(0);
    }
    std::vector<Id> notify;
    for (const syntax::Name* contact : alert.notify) notify.push_back(builder_.text(contact->text));
    lowered.notify = builder_.list(notify);
    lowered.place = builder_.place(alert.span);
    return lowered;
  }

  template <class T>
  void assign() {
    const auto all = context_.project.all<T>();
    const std::vector<const syntax::Declaration*> declarations(all.begin(), all.end());
    builder_.assign_ids(declarations);
  }

  void assign_retries() {
    std::vector<const syntax::Declaration*> declarations;
    for (const auto& [name, retry] : context_.retries) declarations.push_back(retry.declaration);
    builder_.assign_ids(declarations);
  }

  void settings() {
    plan::Plan& plan = builder_.plan();
    for (const auto& [name, setting] : context_.settings) {
      plan.settings.push_back(
          {builder_.text(name), builder_.text(setting.type_name), setting.value ? builder_.text(*setting.value) : plan::kNone});
    }
    for (const auto* environment : context_.project.all<syntax::EnvironmentDecl>()) {
      plan::Environment lowered;
      lowered.name = builder_.text(environment->name->text);
      for (const syntax::SettingValue* value : environment->values) {
        const auto text = check::text_with(*value->value, {});
        lowered.values.push_back({builder_.id_of_use(value->setting), builder_.text(text.value_or(""))});
      }
      plan.environments.push_back(std::move(lowered));
    }
  }

  plan::Table lower_table(const check::TableInfo& table) {
    plan::Table lowered;
    lowered.name = builder_.text(table.declaration->name->text);
    std::vector<Id> columns;
    for (const std::string& column : table.columns) columns.push_back(builder_.text(column));
    lowered.columns = builder_.list(columns);
    lowered.keys = static_cast<std::uint32_t>(table.keys);
    // Tests work with the rows that there are now: to them every table is a fixed one.
    lowered.reload = with_tests_ ? plan::TableReload::never : table.reload;
    if (lowered.reload != plan::TableReload::never) {
      lowered.file = builder_.text(table.file);
      std::vector<Id> optional;
      for (const std::string& column : table.optional) optional.push_back(builder_.text(column));
      lowered.optional = builder_.list(optional);
      lowered.least_rows = table.least_rows;
    }
    if (lowered.reload == plan::TableReload::never) {
      for (const tables::Table::Row row : table.rows->sorted()) {
        for (std::uint32_t column = 0; column < table.rows->columns(); ++column)
          lowered.cells.push_back(builder_.text(table.rows->cell(row, column)));
      }
    }
    for (std::size_t i = 0; i < context_.inputs.size(); ++i) {
      if (context_.inputs[i].path == table.file) lowered.input = static_cast<Id>(i);
    }
    return lowered;
  }

  void retries() {
    for (const auto& [name, retry] : context_.retries) {
      plan::Retry lowered;
      lowered.name = builder_.text(name);
      lowered.first_micros = retry.first_micros.value_or(0);
      lowered.most_micros = retry.most_micros.value_or(0);
      lowered.jitter_percent = retry.jitter_percent;
      lowered.give_up_micros = retry.give_up_micros;
      lowered.give_up_attempts = retry.give_up_attempts;
      lowered.unreachable_give_up_micros = retry.unreachable_give_up_micros;
      builder_.plan().retries.push_back(lowered);
    }
  }

  /// A text with settings in it, or a setting alone.
  Id option_expr(const syntax::Expr& value, plan::ValueType type) {
    plan::Expr lowered;
    lowered.type = type;
    lowered.place = builder_.place(value.span);
    if (const auto* word = value.try_as<syntax::NameExpr>()) {
      const auto setting = context_.settings.find(word->text);
      if (setting == context_.settings.end()) {  // a word of the option: `least tls13`
        lowered.op = plan::ExprOp::text;
        lowered.a = builder_.text(word->text);
      } else {
        lowered.op = plan::ExprOp::setting;
        lowered.a = builder_.id_of(*setting->second.declaration);
      }
      return builder_.add(lowered);
    }
    if (const auto part = check::naming_part(value)) {  // of a file name: the transport puts it in
      lowered.op = plan::ExprOp::text;
      lowered.a = builder_.text(*part);
      return builder_.add(lowered);
    }
    const auto& text = value.as<syntax::StringExpr>();
    if (text.is_literal()) {
      lowered.op = plan::ExprOp::text;
      lowered.a = builder_.text(text.text());
      return builder_.add(lowered);
    }
    std::vector<Id> parts;
    for (const syntax::StringPart& part : text.parts) {
      if (part.value != nullptr) {
        parts.push_back(option_expr(*part.value, plan::ValueType::text));
        continue;
      }
      plan::Expr literal;
      literal.op = plan::ExprOp::text;
      literal.type = plan::ValueType::text;
      literal.a = builder_.text(part.text);
      literal.place = lowered.place;
      parts.push_back(builder_.add(literal));
    }
    lowered.op = plan::ExprOp::concat;
    lowered.list = builder_.list(parts);
    return builder_.add(lowered);
  }

  /// Several texts as one, a comma between them: none of them can hold one.
  Id option_list(const check::OptionInfo& option) {
    std::vector<Id> parts = {option_expr(*option.value, plan::ValueType::text)};
    plan::Expr comma;
    comma.op = plan::ExprOp::text;
    comma.type = plan::ValueType::text;
    comma.a = builder_.text(", ");
    comma.place = builder_.place(option.value->span);
    for (const syntax::Expr* value : option.more) {
      parts.push_back(builder_.add(comma));
      parts.push_back(option_expr(*value, plan::ValueType::text));
    }
    plan::Expr all = comma;
    all.op = plan::ExprOp::concat;
    all.a = 0;
    all.list = builder_.list(parts);
    return builder_.add(all);
  }

  static plan::ValueType value_type(plan::OptionKind kind) {
    switch (kind) {
      case plan::OptionKind::number: return plan::ValueType::number;
      case plan::OptionKind::duration: return plan::ValueType::duration;
      case plan::OptionKind::size: return plan::ValueType::size;
      case plan::OptionKind::boolean: return plan::ValueType::boolean;
      case plan::OptionKind::text:
      case plan::OptionKind::file:
      case plan::OptionKind::secret:
      case plan::OptionKind::block: return plan::ValueType::text;
    }
    return plan::ValueType::text;
  }

  plan::OptionValue lower_option(const check::OptionInfo& option) {
    plan::OptionValue lowered;
    lowered.name = builder_.text(option.name);
    lowered.kind = option.kind;
    switch (option.kind) {
      case plan::OptionKind::block: break;
      case plan::OptionKind::secret: lowered.secret = builder_.secret(option.secret); break;
      case plan::OptionKind::file: lowered.file = builder_.text(option.file); break;
      case plan::OptionKind::text:
      case plan::OptionKind::number:
      case plan::OptionKind::duration:
      case plan::OptionKind::size:
      case plan::OptionKind::boolean:
        if (!option.more.empty()) {
          lowered.value = option_list(option);
        } else if (option.value != nullptr) {
          lowered.value = option_expr(*option.value, value_type(option.kind));
        } else {
          plan::Expr number;
          number.op = plan::ExprOp::number;
          number.type = value_type(option.kind);
          number.a = builder_.text(std::to_string(option.number));
          lowered.value = builder_.add(number);
        }
        break;
    }
    return lowered;
  }

  plan::Source lower_source(const check::SourceInfo& source) {
    plan::Source lowered;
    lowered.name = builder_.text(source.declaration->name->text);
    lowered.connector = builder_.text(source.declaration->transport->text);
    for (const check::OptionInfo& option : source.options) lowered.options.push_back(lower_option(option));
    for (const check::AcceptedEvent& event : source.accepts) {
      lowered.accepts.push_back({builder_.text(event.code), builder_.text(event.trigger), builder_.text(event.structure)});
    }
    lowered.ack = source.ack;
    lowered.level = source.level;
    const auto acknowledger = context_.destinations.find(source.application_ack);
    if (acknowledger != context_.destinations.end())
      lowered.application_ack = builder_.id_of(*acknowledger->second.declaration);
    lowered.refuses_gaps = source.refuses_gaps;
    lowered.answer_within_micros = source.answer_within_micros;
    lowered.place = builder_.place(source.declaration->span);
    return lowered;
  }

  plan::Destination lower_destination(const check::DestinationInfo& destination) {
    plan::Destination lowered = destination.values;
    lowered.name = builder_.text(destination.declaration->name->text);
    lowered.connector = builder_.text(destination.declaration->transport->text);
    for (const check::OptionInfo& option : destination.options) lowered.options.push_back(lower_option(option));
    const auto retry = context_.retries.find(destination.retry);
    if (retry != context_.retries.end()) lowered.retry = builder_.id_of(*retry->second.declaration);
    std::vector<Id> copies;
    for (const std::string& path : destination.idempotent) copies.push_back(builder_.text(path));
    lowered.idempotent = builder_.list(copies);
    for (const check::AcceptedEvent& event : destination.barriers)
      lowered.barriers.push_back({builder_.text(event.code), builder_.text(event.trigger), 0});
    lowered.place = builder_.place(destination.declaration->span);
    return lowered;
  }

  const check::Context& context_;
  bool with_tests_;
  PlanBuilder builder_;
};

}  // namespace

plan::Plan lower(const check::Context& context, std::string_view compiler_version, const Sha256& library) {
  Lowerer lowerer(context, false);
  lowerer.lower(compiler_version, library);
  return lowerer.take();
}

plan::Trials lower_with_tests(const check::Context& context, std::string_view compiler_version, const Sha256& library) {
  Lowerer lowerer(context, true);
  lowerer.lower(compiler_version, library);
  plan::Trials trials;
  trials.tests = lowerer.tests();
  trials.plan = lowerer.take();
  // Files that hold nothing but tests are no inputs of the plan; their conditions stand somewhere all the same.
  const auto file = static_cast<Id>(trials.plan.inputs.size());
  bool needed = false;
  for (plan::SourcePlace& place : trials.plan.places) {
    if (place.file != plan::kNone) continue;
    place.file = file;
    needed = true;
  }
  if (needed) {
    trials.plan.inputs.push_back({static_cast<Id>(trials.plan.strings.size()), {}});
    trials.plan.strings.emplace_back("tests");
  }
  return trials;
}

}  // namespace smarthl7::lower

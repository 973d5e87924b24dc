// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/dump.h"

#include <fmt/format.h>

#include <iterator>

#include "compiler/syntax/scan.h"

namespace smarthl7::syntax {
namespace {

class Dumper {
 public:
  std::string out;

  void declaration(const Declaration& d);
  void expr(const Expr* e);

 private:
  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  }
  void line() { out += '\n', out.append(depth_ * 2, ' '); }
  template <class T, class F>
  void body(List<T> items, F&& each) {
    ++depth_;
    for (const T* item : items) {
      line();
      each(*item);
    }
    --depth_;
  }
  void quoted(std::string_view text) {
    out += " \"";
    for (const char c : text) {
      if (c == '\n') {
        out += "\\n";
        continue;
      }
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  void name(const Name* n) { put(" {}", n == nullptr ? std::string_view("-") : n->text); }
  void names(List<Name> all) {
    out += " [";
    for (const Name* n : all) name(n);
    out += " ]";
  }
  template <class T>
  void exprs(List<T> all) {
    out += " [";
    for (const T* e : all) expr(e);
    out += " ]";
  }
  void index(const Index& i);
  void path(const PathExpr& p);
  void string(const StringExpr& s);
  void options(const OptionBlock* block);
  void option(const Option& o);
  void otherwise(const ElseClause* e);
  void type(const TypeRef* t);
  void message_type(const MessageType* t);
  void message_item(const MessageItem& item);
  void structure(std::string_view text);
  void segment_field(const SegmentField& f);
  void mapping_item(const MappingItem& item);
  void redaction_item(const RedactionItem& item);
  void step(const Step& s);
  void arm(const Arm& a);
  void test_item(const TestItem& item);
  void alert(const AlertDecl& d);
  void options_declaration(const Name* what, const OptionBlock* block) {
    name(what);
    options(block);
  }

  std::size_t depth_ = 0;
};

void Dumper::index(const Index& i) {
  switch (i.kind) {
    case IndexKind::none: return;
    case IndexKind::number: put("[{}]", i.number); return;
    case IndexKind::all: out += "[*]"; return;
    case IndexKind::last: out += "[last]"; return;
    case IndexKind::selection:
      out += '[';
      expr(i.selection);
      out += ']';
  }
}

void Dumper::path(const PathExpr& p) {
  put("(path:{}", static_cast<int>(p.root));
  for (const PathNode& node : p.nodes) {
    put(" {}", node.text);
    index(node.index);
  }
  for (const PathPart& part : p.parts) {
    put(" {}{}", part.number, part.name);
    index(part.index);
  }
  out += ')';
}

void Dumper::string(const StringExpr& s) {
  put("(string:{}", static_cast<int>(s.form));
  for (const StringPart& part : s.parts) {
    if (part.value != nullptr) {
      expr(part.value);
    } else {
      quoted(part.text);
    }
  }
  out += ')';
}

void Dumper::expr(const Expr* e) {
  out += ' ';
  if (e == nullptr) {
    out += '-';
    return;
  }
  switch (e->kind) {
    case ExprKind::string: string(e->as<StringExpr>()); return;
    case ExprKind::number: put("{}", e->as<NumberExpr>().text); return;
    case ExprKind::unit: put("(unit {} {})", e->as<UnitExpr>().number, e->as<UnitExpr>().unit); return;
    case ExprKind::count: put("(count {} {})", e->as<CountExpr>().number, e->as<CountExpr>().word); return;
    case ExprKind::boolean: put("{}", e->as<BoolExpr>().value); return;
    case ExprKind::null_value: out += "null"; return;
    case ExprKind::event:
      put("(event {} {} {})", e->as<EventExpr>().code, e->as<EventExpr>().trigger, e->as<EventExpr>().structure);
      return;
    case ExprKind::version: put("(version {})", e->as<VersionExpr>().text); return;
    case ExprKind::name: put("(name {})", e->as<NameExpr>().text); return;
    case ExprKind::path: path(e->as<PathExpr>()); return;
    case ExprKind::raw:
      out += "(raw";
      expr(e->as<RawExpr>().path);
      break;
    case ExprKind::call:
      out += "(call";
      name(e->as<CallExpr>().function);
      exprs(e->as<CallExpr>().arguments);
      break;
    case ExprKind::lookup:
      out += "(lookup";
      name(e->as<LookupExpr>().table);
      exprs(e->as<LookupExpr>().keys);
      name(e->as<LookupExpr>().column);
      break;
    case ExprKind::negation:
      out += "(not";
      expr(e->as<NotExpr>().operand);
      break;
    case ExprKind::binary:
      put("({}", spelling(e->as<BinaryExpr>().op));
      expr(e->as<BinaryExpr>().left);
      expr(e->as<BinaryExpr>().right);
      break;
    case ExprKind::in_set:
      out += "(in";
      expr(e->as<InExpr>().operand);
      name(e->as<InExpr>().table);
      exprs(e->as<InExpr>().values);
      if (e->as<InExpr>().list != nullptr) expr(e->as<InExpr>().list);
      break;
    case ExprKind::matches:
      out += "(matches";
      expr(e->as<MatchesExpr>().operand);
      expr(e->as<MatchesExpr>().pattern);
      break;
    case ExprKind::test:
      put("(test:{}", static_cast<int>(e->as<TestExpr>().test));
      expr(e->as<TestExpr>().operand);
      break;
    case ExprKind::each:
      out += "(each";
      expr(e->as<EachExpr>().scope);
      expr(e->as<EachExpr>().where);
      expr(e->as<EachExpr>().body);
      break;
    case ExprKind::error: out += "(error"; break;
  }
  out += ')';
}

void Dumper::options(const OptionBlock* block) {
  if (block == nullptr) return;
  out += " {";
  body(block->options, [this](const Option& o) { option(o); });
  out += " }";
}

void Dumper::option(const Option& o) {
  out += "(option";
  name(o.name);
  put(" {}", spelling(o.connective));
  exprs(o.values);
  options(o.block);
  if (o.nested != nullptr) option(*o.nested);
  out += ')';
}

void Dumper::otherwise(const ElseClause* e) {
  if (e == nullptr) return;
  put(" (else:{}", static_cast<int>(e->kind));
  name(e->ack_code);
  expr(e->reason);
  names(e->destinations);
  expr(e->value);
  out += ')';
}

void Dumper::type(const TypeRef* t) {
  if (t == nullptr) return;
  out += " (type";
  name(t->name);
  put(" {}", t->argument);
  type(t->element);
  out += ')';
}

void Dumper::message_type(const MessageType* t) {
  if (t == nullptr) return;
  out += " (message-type";
  for (const Name* n : {t->format, t->version, t->from_version, t->structure}) name(n);
  out += ')';
}

void Dumper::segment_field(const SegmentField& f) {
  put("(field {} {} {} {} {}", f.number, f.name->text, f.type->text, f.length, f.required);
  put(" {}", f.repeats);
  name(f.phi);
  out += ')';
}

/// Blanks mean something only between two words.
void Dumper::structure(std::string_view text) {
  bool blank = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      if (blank && is_word(c) && is_word(out.back())) out += ' ';
      out += c;
    }
    blank = is_space;
  }
}

void Dumper::message_item(const MessageItem& item) {
  switch (item.kind) {
    case MessageItemKind::one:
      out += "(one";
      expr(item.as<OneItem>().what);
      break;
    case MessageItemKind::require:
      out += "(require";
      exprs(item.as<RequireItem>().paths);
      break;
    case MessageItemKind::condition:
      out += "(condition";
      expr(item.as<ConditionItem>().condition);
      break;
    case MessageItemKind::segment: {
      const auto& segment = item.as<SegmentItem>();
      put("(segment {} {} {}", segment.name->text, segment.required, segment.repeats);
      expr(segment.after);
      body(segment.fields, [this](const SegmentField& f) { segment_field(f); });
      break;
    }
    case MessageItemKind::rule:
      out += "(rule";
      expr(item.as<RuleItem>().text);
      expr(item.as<RuleItem>().condition);
      break;
    case MessageItemKind::table:
      out += "(table";
      name(item.as<TableItem>().table);
      if (item.as<TableItem>().closed) put(" closed");
      exprs(item.as<TableItem>().adds);
      break;
    case MessageItemKind::structure:
      out += "(structure ";
      structure(item.as<StructureItem>().text->text);
      break;
    case MessageItemKind::error: out += "(error"; break;
  }
  out += ')';
}

void Dumper::mapping_item(const MappingItem& item) {
  const auto each = [this](const MappingItem& child) { mapping_item(child); };
  switch (item.kind) {
    case MappingItemKind::each:
      out += "(each";
      expr(item.as<EachItem>().scope);
      expr(item.as<EachItem>().where);
      body(item.as<EachItem>().items, each);
      break;
    case MappingItemKind::assign:
      out += "(assign";
      expr(item.as<AssignItem>().target);
      expr(item.as<AssignItem>().value);
      otherwise(item.as<AssignItem>().otherwise);
      break;
    case MappingItemKind::remove:
      out += "(delete";
      exprs(item.as<DeleteItem>().paths);
      expr(item.as<DeleteItem>().where);
      otherwise(item.as<DeleteItem>().otherwise);
      break;
    case MappingItemKind::insert:
      out += "(insert";
      expr(item.as<InsertItem>().segment);
      expr(item.as<InsertItem>().after);
      body(item.as<InsertItem>().items, each);
      otherwise(item.as<InsertItem>().otherwise);
      break;
    case MappingItemKind::when:
      out += "(when";
      body(item.as<WhenItem>().arms, [&](const WhenMappingArm& a) {
        out += "(arm";
        expr(a.condition);
        body(a.items, each);
        out += ')';
      });
      break;
    case MappingItemKind::error: out += "(error"; break;
  }
  out += ')';
}

void Dumper::redaction_item(const RedactionItem& item) {
  out += "(redact";
  exprs(item.paths);
  for (const Name* label : item.labels) name(label);
  name(item.method);
  for (const Option* o : item.arguments) option(*o);
  out += ')';
}

void Dumper::arm(const Arm& a) {
  put("(arm {} {}", a.otherwise, a.block);
  expr(a.condition);
  exprs(a.values);
  body(a.steps, [this](const Step& s) { step(s); });
  out += ')';
}

void Dumper::step(const Step& s) {
  const auto each_arm = [this](const Arm& a) { arm(a); };
  put("(step:{}", static_cast<int>(s.kind));
  switch (s.kind) {
    case StepKind::from: names(s.as<FromStep>().sources); break;
    case StepKind::validate:
      name(s.as<ValidateStep>().message);
      put(" {}", static_cast<int>(s.as<ValidateStep>().strictness));
      otherwise(s.as<ValidateStep>().otherwise);
      break;
    case StepKind::dedup:
      exprs(s.as<DedupStep>().keys);
      expr(s.as<DedupStep>().within);
      exprs(s.as<DedupStep>().ignoring);
      put(" {}", s.as<DedupStep>().conflict_rejects);
      name(s.as<DedupStep>().conflict_code);
      break;
    case StepKind::map:
      name(s.as<MapStep>().mapping);
      otherwise(s.as<MapStep>().otherwise);
      break;
    case StepKind::apply:
      name(s.as<ApplyStep>().transform);
      expr(s.as<ApplyStep>().file);
      options(s.as<ApplyStep>().options);
      message_type(s.as<ApplyStep>().as_type);
      otherwise(s.as<ApplyStep>().otherwise);
      break;
    case StepKind::convert:
      message_type(s.as<ConvertStep>().type);
      otherwise(s.as<ConvertStep>().otherwise);
      break;
    case StepKind::redact:
      name(s.as<RedactStep>().redaction);
      otherwise(s.as<RedactStep>().otherwise);
      break;
    case StepKind::when: body(s.as<WhenStep>().arms, each_arm); break;
    case StepKind::route:
      expr(s.as<RouteStep>().subject);
      body(s.as<RouteStep>().arms, each_arm);
      break;
    case StepKind::fanout: body(s.as<FanoutStep>().arms, each_arm); break;
    case StepKind::branch: body(s.as<BranchStep>().steps, [this](const Step& child) { step(child); }); break;
    case StepKind::split: expr(s.as<SplitStep>().group); break;
    case StepKind::batch:
      expr(s.as<BatchStep>().count);
      expr(s.as<BatchStep>().within);
      break;
    case StepKind::respond:
      name(s.as<RespondStep>().destination);
      expr(s.as<RespondStep>().within);
      break;
    case StepKind::deliver: names(s.as<DeliverStep>().destinations); break;
    case StepKind::dead: expr(s.as<DeadStep>().reason); break;
    case StepKind::drop: expr(s.as<DropStep>().reason); break;
    case StepKind::reject:
      name(s.as<RejectStep>().ack_code);
      expr(s.as<RejectStep>().reason);
      break;
    case StepKind::error: break;
  }
  out += ')';
}

void Dumper::test_item(const TestItem& item) {
  put("(test:{}", static_cast<int>(item.kind));
  switch (item.kind) {
    case TestItemKind::given_answers:
      name(item.as<GivenAnswersItem>().destination);
      for (const Answer* answer : item.as<GivenAnswersItem>().answers) {
        put(" (answer:{}", static_cast<int>(answer->kind));
        name(answer->code);
        expr(answer->late);
        expr(answer->times);
        out += ')';
      }
      break;
    case TestItemKind::given_down:
      name(item.as<GivenDownItem>().destination);
      expr(item.as<GivenDownItem>().duration);
      break;
    case TestItemKind::send:
      put(" {}", item.as<SendItem>().file);
      expr(item.as<SendItem>().text);
      name(item.as<SendItem>().source);
      break;
    case TestItemKind::after: expr(item.as<AfterItem>().duration); break;
    case TestItemKind::expect_ack: name(item.as<ExpectAckItem>().code); break;
    case TestItemKind::expect_gets:
      name(item.as<ExpectGetsItem>().destination);
      expr(item.as<ExpectGetsItem>().count);
      exprs(item.as<ExpectGetsItem>().conditions);
      break;
    case TestItemKind::expect_alert: name(item.as<ExpectAlertItem>().alert); break;
    case TestItemKind::error: break;
  }
  out += ')';
}

void Dumper::alert(const AlertDecl& d) {
  for (const AlertCondition* c : d.conditions) {
    out += " (when";
    name(c->quantile);
    name(c->metric);
    put(" {}", c->of_destination);
    name(c->subject);
    put(" {}", spelling(c->op));
    expr(c->value);
    expr(c->duration);
    out += ')';
  }
  names(d.notify);
}

void Dumper::declaration(const Declaration& d) {
  put("({}", spelling(d.kind));
  name(d.name);
  for (const std::string_view doc : d.docs) quoted(doc);
  switch (d.kind) {
    case DeclKind::language: put(" {}", d.as<LanguageDecl>().version); break;
    case DeclKind::use: name(d.as<UseDecl>().what); break;
    case DeclKind::setting:
      type(d.as<SettingDecl>().type);
      expr(d.as<SettingDecl>().value);
      break;
    case DeclKind::secret: break;
    case DeclKind::oauth: options(d.as<OauthDecl>().options); break;
    case DeclKind::contact: options(d.as<ContactDecl>().options); break;
    case DeclKind::environment:
      for (const SettingValue* value : d.as<EnvironmentDecl>().values) {
        name(value->setting);
        expr(value->value);
      }
      break;
    case DeclKind::table:
      name(d.as<TableDecl>().format);
      expr(d.as<TableDecl>().file);
      options(d.as<TableDecl>().options);
      break;
    case DeclKind::message:
      message_type(d.as<MessageDecl>().type);
      body(d.as<MessageDecl>().items, [this](const MessageItem& item) { message_item(item); });
      break;
    case DeclKind::mapping:
      name(d.as<MappingDecl>().from);
      name(d.as<MappingDecl>().to);
      body(d.as<MappingDecl>().items, [this](const MappingItem& item) { mapping_item(item); });
      break;
    case DeclKind::redaction:
      name(d.as<RedactionDecl>().base);
      put(" {}", d.as<RedactionDecl>().allow);
      body(d.as<RedactionDecl>().items, [this](const RedactionItem& item) { redaction_item(item); });
      break;
    case DeclKind::retry: options_declaration(d.as<RetryDecl>().base, d.as<RetryDecl>().options); break;
    case DeclKind::source: options_declaration(d.as<SourceDecl>().transport, d.as<SourceDecl>().options); break;
    case DeclKind::destination: options_declaration(d.as<DestinationDecl>().transport, d.as<DestinationDecl>().options); break;
    case DeclKind::flow: body(d.as<FlowDecl>().steps, [this](const Step& s) { step(s); }); break;
    case DeclKind::alert: alert(d.as<AlertDecl>()); break;
    case DeclKind::test:
      expr(d.as<TestDecl>().title);
      body(d.as<TestDecl>().items, [this](const TestItem& item) { test_item(item); });
      break;
    case DeclKind::error: put(" {}", spelling(d.as<ErrorDecl>().intended)); break;
  }
  out += ')';
}

}  // namespace

std::string dump(const ParsedFile& file) {
  std::string out;
  for (const Declaration* declaration : file.declarations) out += dump(*declaration) + '\n';
  return out;
}

std::string dump(const Declaration& declaration) {
  Dumper dumper;
  dumper.declaration(declaration);
  return std::move(dumper.out);
}

std::string dump(const Expr& expr) {
  Dumper dumper;
  dumper.expr(&expr);
  return dumper.out.substr(1);
}

}  // namespace smarthl7::syntax

// SPDX-License-Identifier: Apache-2.0
#include "compiler/format/doc.h"

#include <fmt/format.h>

#include "compiler/format/expression.h"

namespace smarthl7::format {

using namespace syntax;  // NOLINT: the tree is what this file is about

namespace {

class Builder {
 public:
  explicit Builder(const ParsedFile& file) : file_(file), write_(file) {}
  Doc declaration(const Declaration& d);

 private:
  using Cells = std::vector<std::string>;

  static Doc simple(const Node& node, std::string_view kind, Cells cells) {
    return {node.span, kind, {{std::move(cells), false, {}, {}}}};
  }
  /// Where the block of a head is: the first `{` from `from` on; nothing before it can hold one but strings, given as `from`.
  Part block(Cells cells, std::uint32_t from, std::uint32_t end, std::vector<Doc> items) const;
  template <class T, class F>
  std::vector<Doc> each(List<T> all, F&& build_one) {
    std::vector<Doc> docs;
    for (const T* item : all) docs.push_back(build_one(*item));
    return docs;
  }
  Cells with_else(Cells cells, const ElseClause* otherwise) const {
    if (otherwise != nullptr) cells.push_back(write_.otherwise(*otherwise));
    return cells;
  }
  void add_else(Doc& doc, const ElseClause* otherwise) const {
    if (otherwise != nullptr) doc.parts.push_back({{write_.otherwise(*otherwise)}, false, {}, {}});
  }
  std::string where(const Expr* condition) const {
    return condition == nullptr ? std::string{} : fmt::format("{}where {}", kSoftBlank, write_.expr(*condition));
  }
  std::vector<Doc> options(const OptionBlock& b);
  Doc option(const Option& o);
  Doc option_declaration(const Declaration& d, Cells cells, const OptionBlock& b);
  Doc condition(const Node& node, const Expr& e) const;
  Doc message_item(const MessageItem& item);
  Doc segment(const SegmentItem& item);
  Doc mapping_item(const MappingItem& item);
  Doc redaction_item(const RedactionItem& item) const;
  Doc step(const Step& s);
  Doc apply(const ApplyStep& s);
  Doc arm(const Arm& a, bool route);
  Doc test_item(const TestItem& item);
  Doc given(const GivenAnswersItem& item) const;
  Doc alert_condition(const AlertCondition& c) const;

  const ParsedFile& file_;
  Writer write_;
};

Part Builder::block(Cells cells, std::uint32_t from, std::uint32_t end, std::vector<Doc> items) const {
  const std::string_view bytes = file_.source->bytes();
  // Comments may hold braces too: skip them.
  std::size_t open = from;
  while (open < end && bytes[open] != '{') {
    const Comment* inside = nullptr;
    for (const Comment& comment : file_.comments) {
      if (comment.span.begin == open) inside = &comment;
    }
    open = inside != nullptr ? inside->span.end : open + 1;
  }
  return {std::move(cells), true, {file_.source->id(), static_cast<std::uint32_t>(open), end}, std::move(items)};
}

std::vector<Doc> Builder::options(const OptionBlock& b) {
  return each(b.options, [this](const Option& o) { return option(o); });
}

Doc Builder::option(const Option& o) {
  if (o.block != nullptr) return {o.span, "option", {{{std::string(o.name->text)}, true, o.block->span, options(*o.block)}}};
  const std::string text = write_.option(o);
  return simple(o, "option", {std::string(o.name->text), text.substr(o.name->text.size() + 1)});
}

Doc Builder::option_declaration(const Declaration& d, Cells cells, const OptionBlock& b) {
  return {d.span, spelling(d.kind), {{std::move(cells), true, b.span, options(b)}}};
}

Doc Builder::condition(const Node& node, const Expr& e) const {
  if (const auto* in = e.try_as<InExpr>(); in != nullptr && !e.parenthesised) {
    const std::string operand = write_.expr(*in->operand);
    return simple(node, "condition", {operand, write_.expr(e).substr(operand.size() + 1)});
  }
  return simple(node, "", {write_.expr(e)});
}

Doc Builder::segment(const SegmentItem& item) {
  std::string head = fmt::format("segment {}", item.name->text);
  if (item.after != nullptr || item.required || item.repeats) head += item.required ? " required" : " optional";
  if (item.repeats) head += " repeats";
  if (item.after != nullptr) head += " after " + write_.expr(*item.after);
  auto fields = each(item.fields, [](const SegmentField& f) {
    std::string type = fmt::format(": {}", f.type->text);
    if (f.length != 0) type += fmt::format("({})", f.length);
    if (f.required) type += " required";
    if (f.repeats) type += " repeats";
    Cells cells{std::to_string(f.number), std::string(f.name->text), std::move(type)};
    if (f.phi != nullptr) cells.push_back(fmt::format("phi {}", f.phi->text));
    return simple(f, "field", std::move(cells));
  });
  const std::uint32_t from = item.after != nullptr ? item.after->span.end : item.name->span.end;
  return {item.span, "", {block({std::move(head)}, from, item.span.end, std::move(fields))}};
}

namespace {

// A longer one keeps its lines.
constexpr std::size_t kWidestStructure = 110;

/// `structure { MSH [{SFT}] {ORDER( OBR [{OBX}] )} }`: one blank between items, none inside brackets, braces and choices.
std::string one_line_structure(std::string_view text) {
  std::string line = "structure { ";
  bool blank = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      blank = true;
      continue;
    }
    const char last = line.back();
    const bool tight = c == ']' || c == '}' || c == '>' || c == '|' || c == '(' || last == '[' || last == '<' || last == '|' ||
                       (last == '{' && line.size() > 11);
    const bool opens = c == '[' || c == '{' || c == '<';
    const bool apart = blank || opens || c == ')' || last == '(' || ((last == ']' || last == '}' || last == ')') && c != ')');
    if (apart && !tight && last != ' ') line += ' ';
    line += c;
    blank = false;
  }
  return line + " }";
}

}  // namespace

Doc Builder::message_item(const MessageItem& item) {
  switch (item.kind) {
    case MessageItemKind::one: return simple(item, "", {"one " + write_.expr(*item.as<OneItem>().what)});
    case MessageItemKind::require: return simple(item, "", {"require " + write_.commas(item.as<RequireItem>().paths)});
    case MessageItemKind::condition: return condition(item, *item.as<ConditionItem>().condition);
    case MessageItemKind::segment: return segment(item.as<SegmentItem>());
    case MessageItemKind::rule: {
      const auto& rule = item.as<RuleItem>();
      return simple(item, "",
                    {fmt::format("rule {} :{}{}", write_.expr(*rule.text), kSoftFirst, write_.expr(*rule.condition))});
    }
    case MessageItemKind::table: {
      const auto& table = item.as<TableItem>();
      if (table.closed) return simple(item, "", {fmt::format("table {} closed", table.table->text)});
      return simple(item, "", {fmt::format("table {} adds {}", table.table->text, write_.commas(table.adds))});
    }
    case MessageItemKind::structure: {
      const std::string line = one_line_structure(item.as<StructureItem>().text->text);
      return simple(item, "", {line.size() > kWidestStructure ? std::string(write_.source(item.span)) : line});
    }
    case MessageItemKind::error: break;
  }
  return simple(item, "", {write_.source(item.span)});
}

Doc Builder::mapping_item(const MappingItem& item) {
  const auto one = [this](const MappingItem& child) { return mapping_item(child); };
  switch (item.kind) {
    case MappingItemKind::each: {
      const auto& e = item.as<EachItem>();
      const std::uint32_t from = e.where != nullptr ? e.where->span.end : e.scope->span.end;
      return {
          item.span, "", {block({"each " + write_.expr(*e.scope) + where(e.where)}, from, item.span.end, each(e.items, one))}};
    }
    case MappingItemKind::assign: {
      const auto& a = item.as<AssignItem>();
      return simple(item, "assign", with_else({write_.expr(*a.target), "= " + write_.expr(*a.value)}, a.otherwise));
    }
    case MappingItemKind::remove: {
      const auto& d = item.as<DeleteItem>();
      return simple(item, "", with_else({"delete " + write_.commas(d.paths) + where(d.where)}, d.otherwise));
    }
    case MappingItemKind::insert: {
      const auto& i = item.as<InsertItem>();
      std::string head = "insert " + write_.expr(*i.segment);
      if (i.after != nullptr) head += " after " + write_.expr(*i.after);
      const std::uint32_t from = i.after != nullptr ? i.after->span.end : i.segment->span.end;
      const std::uint32_t end = i.otherwise != nullptr ? i.otherwise->span.begin : item.span.end;
      Doc doc{item.span, "", {block({std::move(head)}, from, end, each(i.items, one))}};
      add_else(doc, i.otherwise);
      return doc;
    }
    case MappingItemKind::when: {
      Doc doc{item.span, "", {}};
      for (const WhenMappingArm* a : item.as<WhenItem>().arms) {
        std::string head = doc.parts.empty() ? "" : "otherwise";
        if (a->condition != nullptr) head += (head.empty() ? "when " : " when ") + write_.expr(*a->condition);
        const std::uint32_t from = a->condition != nullptr ? a->condition->span.end : a->span.begin;
        doc.parts.push_back(block({std::move(head)}, from, a->span.end, each(a->items, one)));
      }
      return doc;
    }
    case MappingItemKind::error: break;
  }
  return simple(item, "", {write_.source(item.span)});
}

Doc Builder::redaction_item(const RedactionItem& item) const {
  Cells cells{item.labels.empty() ? write_.commas(item.paths) : "labels " + write_.commas(item.labels)};
  if (item.method == nullptr) return simple(item, "redaction", std::move(cells));
  std::string method(item.method->text);
  for (const Option* argument : item.arguments) method += ' ' + write_.option(*argument);
  cells.push_back(std::move(method));
  return simple(item, "redaction", std::move(cells));
}

Doc Builder::arm(const Arm& a, bool route) {
  Cells cells;
  std::uint32_t from = a.span.begin;
  if (a.otherwise) {
    cells.emplace_back("otherwise");
  } else if (route) {
    cells.push_back(write_.commas(a.values));
    from = a.values.back()->span.end;
  } else {
    cells.push_back("when " + write_.expr(*a.condition));
    from = a.condition->span.end;
  }
  if (a.block) {
    cells.emplace_back("->");
    return {
        a.span, "arm", {block(std::move(cells), from, a.span.end, each(a.steps, [this](const Step& s) { return step(s); }))}};
  }
  std::string target = step(*a.steps[0]).parts[0].cells[0];
  if (a.steps[0]->kind != StepKind::deliver) target = "-> " + target;
  cells.push_back(std::move(target));
  return simple(a, "arm", std::move(cells));
}

Doc Builder::apply(const ApplyStep& s) {
  std::string head = fmt::format("apply {} {}", s.transform->text, write_.expr(*s.file));
  Doc doc{s.span, "", {}};
  Cells tail;
  if (s.as_type != nullptr) tail.push_back("as " + write_.message_type(*s.as_type));
  if (s.otherwise != nullptr) tail.push_back(write_.otherwise(*s.otherwise));
  if (s.options == nullptr) {
    tail.insert(tail.begin(), std::move(head));
    doc.parts.push_back({std::move(tail), false, {}, {}});
    return doc;
  }
  doc.parts.push_back({{std::move(head)}, true, s.options->span, options(*s.options)});
  if (!tail.empty()) doc.parts.push_back({std::move(tail), false, {}, {}});
  return doc;
}

Doc Builder::step(const Step& s) {
  const auto one = [this](const Step& child) { return step(child); };
  switch (s.kind) {
    case StepKind::from: return simple(s, "step", {"from " + write_.commas(s.as<FromStep>().sources)});
    case StepKind::validate: {
      const auto& v = s.as<ValidateStep>();
      const char* how = v.strictness == Strictness::strict     ? " strict"
                        : v.strictness == Strictness::tolerant ? " tolerant"
                                                               : "";
      return simple(s, "step", with_else({fmt::format("validate {}{}", v.message->text, how)}, v.otherwise));
    }
    case StepKind::dedup: {
      const auto& d = s.as<DedupStep>();
      std::string text = fmt::format("dedup by {} within {}", write_.commas(d.keys), write_.expr(*d.within));
      if (!d.ignoring.empty()) text += fmt::format("{}ignoring {}", kSoftBlank, write_.commas(d.ignoring));
      if (d.conflict_rejects) text += fmt::format("{}conflict reject", kSoftBlank);
      if (d.conflict_code != nullptr) text += fmt::format(" {}", d.conflict_code->text);
      return simple(s, "", {std::move(text)});
    }
    case StepKind::map:
      return simple(s, "step", with_else({fmt::format("map {}", s.as<MapStep>().mapping->text)}, s.as<MapStep>().otherwise));
    case StepKind::apply: return apply(s.as<ApplyStep>());
    case StepKind::convert:
      return simple(s, "step",
                    with_else({"as " + write_.message_type(*s.as<ConvertStep>().type)}, s.as<ConvertStep>().otherwise));
    case StepKind::redact:
      return simple(s, "step",
                    with_else({fmt::format("redact {}", s.as<RedactStep>().redaction->text)}, s.as<RedactStep>().otherwise));
    case StepKind::when: {
      Doc doc{s.span, "", {}};
      for (const Arm* a : s.as<WhenStep>().arms) {
        std::string head = doc.parts.empty() ? "" : "otherwise";
        if (a->condition != nullptr) head += (head.empty() ? "when " : " when ") + write_.expr(*a->condition);
        const std::uint32_t from = a->condition != nullptr ? a->condition->span.end : a->span.begin;
        doc.parts.push_back(block({std::move(head)}, from, a->span.end, each(a->steps, one)));
      }
      return doc;
    }
    case StepKind::route: {
      const auto& r = s.as<RouteStep>();
      auto arms = each(r.arms, [this](const Arm& a) { return arm(a, true); });
      return {s.span, "", {block({"route " + write_.expr(*r.subject)}, r.subject->span.end, s.span.end, std::move(arms))}};
    }
    case StepKind::fanout: {
      auto arms = each(s.as<FanoutStep>().arms, [this](const Arm& a) { return arm(a, false); });
      return {s.span, "", {block({"fanout"}, s.span.begin, s.span.end, std::move(arms))}};
    }
    case StepKind::branch:
      return {s.span, "", {block({"branch"}, s.span.begin, s.span.end, each(s.as<BranchStep>().steps, one))}};
    case StepKind::split: return simple(s, "", {"split each " + write_.expr(*s.as<SplitStep>().group)});
    case StepKind::batch: {
      const auto& b = s.as<BatchStep>();
      return simple(s, "", {fmt::format("batch up to {} or {}", write_.expr(*b.count), write_.expr(*b.within))});
    }
    case StepKind::respond: {
      const auto& r = s.as<RespondStep>();
      return simple(s, "", {fmt::format("respond from {} within {}", r.destination->text, write_.expr(*r.within))});
    }
    case StepKind::deliver: return simple(s, "", {"-> " + write_.commas(s.as<DeliverStep>().destinations)});
    case StepKind::dead: return simple(s, "", {"dead " + write_.expr(*s.as<DeadStep>().reason)});
    case StepKind::drop: return simple(s, "", {"drop " + write_.expr(*s.as<DropStep>().reason)});
    case StepKind::reject: {
      const auto& r = s.as<RejectStep>();
      std::string text = "reject";
      if (r.ack_code != nullptr) text += fmt::format(" {}", r.ack_code->text);
      if (r.reason != nullptr) text += ' ' + write_.expr(*r.reason);
      return simple(s, "", {std::move(text)});
    }
    case StepKind::error: break;
  }
  return simple(s, "", {write_.source(s.span)});
}

Doc Builder::given(const GivenAnswersItem& item) const {
  std::string answers;
  for (const Answer* a : item.answers) {
    if (!answers.empty()) answers += fmt::format(",{}then ", kSoftBlank);
    answers += a->kind == AnswerKind::nothing ? "nothing" : a->kind == AnswerKind::garbage ? "garbage" : a->code->text;
    if (a->late != nullptr) answers += " late by " + write_.expr(*a->late);
    if (a->times != nullptr) answers += fmt::format(" {} times", write_.expr(*a->times));
  }
  return simple(item, "given", {fmt::format("given {}", item.destination->text), "answers " + answers});
}

Doc Builder::test_item(const TestItem& item) {
  switch (item.kind) {
    case TestItemKind::given_answers: return given(item.as<GivenAnswersItem>());
    case TestItemKind::given_down: {
      const auto& down = item.as<GivenDownItem>();
      const std::string duration = down.duration == nullptr ? "" : " for " + write_.expr(*down.duration);
      return simple(item, "given", {fmt::format("given {}", down.destination->text), "is down" + duration});
    }
    case TestItemKind::send: {
      const auto& send = item.as<SendItem>();
      const std::string to = send.source == nullptr ? "" : fmt::format(" to {}", send.source->text);
      return simple(item, "", {fmt::format("send {}{}{}", send.file ? "file " : "", write_.expr(*send.text), to)});
    }
    case TestItemKind::after: return simple(item, "", {"after " + write_.expr(*item.as<AfterItem>().duration)});
    case TestItemKind::expect_ack: return simple(item, "", {fmt::format("expect ack {}", item.as<ExpectAckItem>().code->text)});
    case TestItemKind::expect_alert:
      return simple(item, "", {fmt::format("expect alert {}", item.as<ExpectAlertItem>().alert->text)});
    case TestItemKind::expect_gets: {
      const auto& gets = item.as<ExpectGetsItem>();
      Cells cells{fmt::format("expect {}", gets.destination->text), "gets " + write_.expr(*gets.count)};
      if (!gets.block) return simple(item, "expect", std::move(cells));
      auto conditions = each(gets.conditions, [this](const Expr& e) { return condition(e, e); });
      return {item.span, "expect", {block(std::move(cells), gets.count->span.end, item.span.end, std::move(conditions))}};
    }
    case TestItemKind::error: break;
  }
  return simple(item, "", {write_.source(item.span)});
}

Doc Builder::alert_condition(const AlertCondition& c) const {
  std::string text = "when ";
  if (c.quantile != nullptr) text += fmt::format("{} of ", c.quantile->text);
  text += fmt::format("{} {} {} {} {}", c.metric->text, c.of_destination ? "of" : "in", c.subject->text, spelling(c.op),
                      write_.expr(*c.value));
  if (c.duration != nullptr) text += " for " + write_.expr(*c.duration);
  return simple(c, "", {std::move(text)});
}

Doc Builder::declaration(const Declaration& d) {
  const std::string_view kind = spelling(d.kind);
  const std::string head = d.name == nullptr ? std::string(kind) : fmt::format("{} {}", kind, d.name->text);
  const std::uint32_t after_name = d.name == nullptr ? d.span.begin : d.name->span.end;
  switch (d.kind) {
    case DeclKind::language: return simple(d, "", {fmt::format("language {}", d.as<LanguageDecl>().version)});
    case DeclKind::use: return simple(d, "", {fmt::format("use {}", d.as<UseDecl>().what->text)});
    case DeclKind::secret: return simple(d, "", {head});
    case DeclKind::setting: {
      const auto& s = d.as<SettingDecl>();
      Cells cells{head, ": " + write_.type(*s.type)};
      if (s.value != nullptr) cells.push_back("= " + write_.expr(*s.value));
      return simple(d, kind, std::move(cells));
    }
    case DeclKind::oauth: return option_declaration(d, {head}, *d.as<OauthDecl>().options);
    case DeclKind::contact: return option_declaration(d, {head}, *d.as<ContactDecl>().options);
    case DeclKind::environment: {
      auto values = each(d.as<EnvironmentDecl>().values, [this](const SettingValue& v) {
        return simple(v, "value", {std::string(v.setting->text), "= " + write_.expr(*v.value)});
      });
      return {d.span, kind, {block({head}, after_name, d.span.end, std::move(values))}};
    }
    case DeclKind::table: {
      const auto& t = d.as<TableDecl>();
      return option_declaration(d, {head, fmt::format("from {} {}", t.format->text, write_.expr(*t.file))}, *t.options);
    }
    case DeclKind::message: {
      const auto& m = d.as<MessageDecl>();
      auto items = each(m.items, [this](const MessageItem& item) { return message_item(item); });
      return {
          d.span, kind, {block({head, "= " + write_.message_type(*m.type)}, m.type->span.end, d.span.end, std::move(items))}};
    }
    case DeclKind::mapping: {
      const auto& m = d.as<MappingDecl>();
      std::string types = fmt::format(": {}", m.from->text);
      if (m.to != nullptr) types += fmt::format(" -> {}", m.to->text);
      auto items = each(m.items, [this](const MappingItem& item) { return mapping_item(item); });
      return {d.span,
              kind,
              {block({head, std::move(types)}, (m.to != nullptr ? m.to : m.from)->span.end, d.span.end, std::move(items))}};
    }
    case DeclKind::redaction: {
      const auto& r = d.as<RedactionDecl>();
      std::string text = head;
      if (r.base != nullptr) text += fmt::format(" from {}", r.base->text);
      if (r.allow) text += " allow";
      auto items = each(r.items, [this](const RedactionItem& item) { return redaction_item(item); });
      return {d.span, kind, {block({std::move(text)}, after_name, d.span.end, std::move(items))}};
    }
    case DeclKind::retry: {
      const auto& r = d.as<RetryDecl>();
      Cells cells{head};
      if (r.base != nullptr) cells.push_back(fmt::format("from {}", r.base->text));
      return option_declaration(d, std::move(cells), *r.options);
    }
    case DeclKind::source:
      return option_declaration(d, {head, fmt::format("= {}", d.as<SourceDecl>().transport->text)},
                                *d.as<SourceDecl>().options);
    case DeclKind::destination:
      return option_declaration(d, {head, fmt::format("= {}", d.as<DestinationDecl>().transport->text)},
                                *d.as<DestinationDecl>().options);
    case DeclKind::flow: {
      auto all = each(d.as<FlowDecl>().steps, [this](const Step& s) { return step(s); });
      return {d.span, kind, {block({head}, after_name, d.span.end, std::move(all))}};
    }
    case DeclKind::alert: {
      const auto& a = d.as<AlertDecl>();
      auto items = each(a.conditions, [this](const AlertCondition& c) { return alert_condition(c); });
      if (!a.notify.empty()) {
        const Span span = join(a.notify.front()->span, a.notify.back()->span);
        items.push_back({span, "", {{{"notify " + write_.commas(a.notify)}, false, {}, {}}}});
      }
      return {d.span, kind, {block({head}, after_name, d.span.end, std::move(items))}};
    }
    case DeclKind::test: {
      const auto& t = d.as<TestDecl>();
      auto items = each(t.items, [this](const TestItem& item) { return test_item(item); });
      return {d.span, kind, {block({"test " + write_.expr(*t.title)}, t.title->span.end, d.span.end, std::move(items))}};
    }
    case DeclKind::error: break;
  }
  return simple(d, "", {write_.source(d.span)});
}

}  // namespace

std::vector<Doc> build(const ParsedFile& file) {
  Builder builder(file);
  std::vector<Doc> docs;
  for (const Declaration* declaration : file.declarations) docs.push_back(builder.declaration(*declaration));
  return docs;
}

}  // namespace smarthl7::format

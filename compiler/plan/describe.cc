// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <span>

#include "compiler/plan/outline.h"
#include "compiler/plan/plan_file.h"

namespace smarthl7::plan {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '{': out += "\\{"; break;
      case '}': out += "\\}"; break;
      default: out += c;
    }
  }
  return out + '"';
}

class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan) {}

  std::vector<OutlineLine> run() {
    begin(Subject::plan, "");
    line(0, fmt::format("plan of schema {}, semantics {}", kSchemaVersion, kSemanticsVersion));
    section_inputs();
    each(Subject::table, plan_.tables);
    each(Subject::message, plan_.messages);
    each(Subject::mapping, plan_.mappings);
    each(Subject::redaction, plan_.redactions);
    each(Subject::retry, plan_.retries);
    each(Subject::source, plan_.sources);
    each(Subject::destination, plan_.destinations);
    each(Subject::flow, plan_.flows);
    each(Subject::alert, plan_.alerts);
    return std::move(lines_);
  }

 private:
  [[nodiscard]] const std::string& text(Id string) const { return plan_.text(string); }
  [[nodiscard]] std::span<const Id> ids(Range range) const { return std::span(plan_.lists).subspan(range.first, range.count); }

  void begin(Subject subject, std::string_view name) {
    subject_ = subject;
    name_ = name;
  }
  template <class All>
  void each(Subject subject, const All& all) {
    for (const auto& one : all) {
      begin(subject, text(one.name));
      describe(one);
    }
  }
  OutlineLine& line(int indent, std::string_view what, Id place = kNone) {
    OutlineLine& added = lines_.emplace_back();
    added.subject = subject_;
    added.name = name_;
    added.indent = indent;
    added.text = what;
    added.place = place;
    return added;
  }

  // ---- expressions --------------------------------------------------------------------------------------------------------

  [[nodiscard]] const std::string& path(Id id) const { return text(plan_.paths[id].text); }

  [[nodiscard]] std::string joined(Range range) const {
    std::string all;
    for (const Id id : ids(range)) all += (all.empty() ? "" : ", ") + expr(id);
    return all;
  }

  [[nodiscard]] static int binding(ExprOp op) {
    switch (op) {
      case ExprOp::every_scope:
      case ExprOp::every_value:
      case ExprOp::any_value: return 0;
      case ExprOp::logical_or:
      case ExprOp::either: return 1;
      case ExprOp::logical_and: return 2;
      case ExprOp::logical_not: return 3;
      case ExprOp::equal:
      case ExprOp::not_equal:
      case ExprOp::less:
      case ExprOp::less_equal:
      case ExprOp::greater:
      case ExprOp::greater_equal:
      case ExprOp::in_list:
      case ExprOp::in_table:
      case ExprOp::in_values:
      case ExprOp::matches:
      case ExprOp::present:
      case ExprOp::is_absent:
      case ExprOp::is_null: return 4;
      case ExprOp::add:
      case ExprOp::subtract: return 5;
      case ExprOp::multiply:
      case ExprOp::divide: return 6;
      case ExprOp::text:
      case ExprOp::number:
      case ExprOp::boolean:
      case ExprOp::absent:
      case ExprOp::setting:
      case ExprOp::read:
      case ExprOp::read_raw:
      case ExprOp::value:
      case ExprOp::concat:
      case ExprOp::call:
      case ExprOp::lookup:
      case ExprOp::read_list:
      case ExprOp::code: return 7;
    }
    return 7;
  }

  /// With parentheses if it binds less than `least`.
  [[nodiscard]] std::string expr(Id id, int least = 0) const {
    const Expr& e = plan_.exprs[id];
    const int mine = binding(e.op);
    const std::string plain = spelled(e, mine);
    return mine < least ? "(" + plain + ")" : plain;
  }
  [[nodiscard]] std::string infix(const Expr& e, const char* op, int mine) const {
    const bool chain = mine == 1 || mine == 2 || mine >= 5;
    return expr(e.a, chain ? mine : mine + 1) + " " + op + " " + expr(e.b, mine + 1);
  }
  /// "each value of PATH": the condition names it `value`.
  [[nodiscard]] std::string over_values(const Expr& e, const char* quantifier) const {
    return fmt::format("{} value of {} : {}", quantifier, path(e.a), expr(e.b));
  }

  [[nodiscard]] std::string spelled(const Expr& e, int mine) const {
    switch (e.op) {
      case ExprOp::text: return quoted(text(e.a));
      case ExprOp::number: return literal(e);
      case ExprOp::boolean: return e.a != 0 ? "true" : "false";
      case ExprOp::absent: return "absent";
      case ExprOp::setting: return text(plan_.settings[e.a].name);
      case ExprOp::read: return path(e.a);
      case ExprOp::read_raw: return "raw " + path(e.a);
      case ExprOp::present: return path(e.a) + " present";
      case ExprOp::is_absent: return path(e.a) + " absent";
      case ExprOp::is_null: return path(e.a) + " null";
      case ExprOp::value: return "value";
      case ExprOp::every_value: return over_values(e, "every");
      case ExprOp::any_value: return over_values(e, "any");
      case ExprOp::every_scope: return scope(e.a) + " : " + expr(e.b);
      case ExprOp::equal: return infix(e, "==", mine);
      case ExprOp::not_equal: return infix(e, "!=", mine);
      case ExprOp::less: return infix(e, "<", mine);
      case ExprOp::less_equal: return infix(e, "<=", mine);
      case ExprOp::greater: return infix(e, ">", mine);
      case ExprOp::greater_equal: return infix(e, ">=", mine);
      case ExprOp::logical_and: return infix(e, "and", mine);
      case ExprOp::logical_or:
      case ExprOp::either: return infix(e, "or", mine);
      case ExprOp::logical_not: return "not " + expr(e.a, mine);
      case ExprOp::in_list: return expr(e.a, mine + 1) + " in (" + joined(e.list) + ")";
      case ExprOp::in_table: return expr(e.a, mine + 1) + " in " + text(plan_.tables[e.b].name);
      case ExprOp::matches: return expr(e.a, mine + 1) + " matches r\"" + text(e.b) + "\"";
      case ExprOp::add: return infix(e, "+", mine);
      case ExprOp::subtract: return infix(e, "-", mine);
      case ExprOp::multiply: return infix(e, "*", mine);
      case ExprOp::divide: return infix(e, "/", mine);
      case ExprOp::concat: return interpolated(e);
      case ExprOp::call: return text(plan_.builtins[e.a]) + "(" + joined(e.list) + ")";
      case ExprOp::lookup: {
        const Table& table = plan_.tables[e.a];
        const std::string column = e.c == table.keys && table.columns.count == table.keys + 1
                                       ? ""
                                       : "." + text(plan_.lists[table.columns.first + e.c]);
        const std::string further = e.list.count == 0 ? "" : ", " + joined(e.list);
        return text(table.name) + "[" + expr(e.b) + further + "]" + column;
      }
      case ExprOp::read_list: return path(e.a);
      case ExprOp::code: return "code(" + expr(e.a) + ", " + text(e.c) + ")";
      case ExprOp::in_values: return infix(e, "in", mine);
    }
    return {};
  }

  /// A number, or a duration or size with its unit.
  [[nodiscard]] std::string literal(const Expr& e) const {
    std::uint64_t count = 0;
    const std::string& digits = text(e.a);
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (e.type == ValueType::duration) return duration_text(count);
    return e.type == ValueType::size ? digits + "B" : digits;
  }

  [[nodiscard]] std::string interpolated(const Expr& e) const {
    std::string out = "\"";
    for (const Id id : ids(e.list)) {
      const Expr& part = plan_.exprs[id];
      if (part.op == ExprOp::text) {
        const std::string literal = quoted(text(part.a));
        out += literal.substr(1, literal.size() - 2);
      } else {
        out += "{" + expr(id) + "}";
      }
    }
    return out + '"';
  }

  [[nodiscard]] std::string scope(Id id) const {
    const Scope& s = plan_.scopes[id];
    std::string out = "each " + (s.kind == ScopeKind::repetition ? path(s.path) : text(s.name));
    if (s.where != kNone) out += " where " + expr(s.where);
    return out;
  }

  [[nodiscard]] std::string otherwise(const Else& e) const {
    const std::string reason = e.reason == kNone ? "" : " " + expr(e.reason);
    switch (e.kind) {
      case ElseKind::none: return {};
      case ElseKind::reject_error: return "  else reject AE" + reason;
      case ElseKind::reject: return "  else reject AR" + reason;
      case ElseKind::proceed: return "  else continue";
      case ElseKind::keep: return "  else keep";
      case ElseKind::dead: return "  else dead" + reason;
      case ElseKind::drop: return "  else drop" + reason;
      case ElseKind::deliver: return "  else -> " + text(plan_.destinations[e.destination].name);
      case ElseKind::value: return "  else " + expr(e.value);
    }
    return {};
  }

  // ---- declarations -------------------------------------------------------------------------------------------------------

  void section_inputs() {
    for (const Input& input : plan_.inputs) {
      begin(Subject::input, text(input.path));
      line(0, fmt::format("input {}  sha256 {}", text(input.path), to_hex(input.digest).substr(0, 16)));
    }
    for (const Setting& setting : plan_.settings) {
      begin(Subject::setting, text(setting.name));
      line(0, fmt::format("setting {} : {}{}", text(setting.name), text(setting.type),
                          setting.value == kNone ? "" : " = " + text(setting.value)));
    }
    for (const Id secret : plan_.secrets) {
      begin(Subject::secret, text(secret));
      line(0, "secret " + text(secret));
    }
    for (const Environment& environment : plan_.environments) {
      begin(Subject::environment, text(environment.name));
      line(0, "environment " + text(environment.name));
      for (const EnvironmentValue& value : environment.values) {
        line(1, text(plan_.settings[value.setting].name) + " = " + text(value.value));
      }
    }
  }

  void describe(const Table& table) {
    std::string columns;
    for (const Id column : ids(table.columns)) columns += (columns.empty() ? "" : ", ") + text(column);
    if (table.reload == TableReload::never) {
      line(0, fmt::format("table {} ({}), {} rows", text(table.name), columns, table.cells.size() / table.columns.count));
      return;
    }
    line(0, fmt::format("table {} ({}) from {}, read again {}", text(table.name), columns, quoted(text(table.file)),
                        table.reload == TableReload::when_changed ? "when it changed" : "when told"));
    std::string optional;
    for (const Id column : ids(table.optional)) optional += (optional.empty() ? "" : ", ") + text(column);
    if (!optional.empty()) line(1, "may be empty: " + optional);
    if (table.least_rows > 0) line(1, fmt::format("at least {} rows", table.least_rows));
  }

  void describe(const Message& message) {
    const std::string from = message.from_version == message.version ? "" : " from " + text(message.from_version);
    line(0, fmt::format("message {} = hl7 {}{} {}", text(message.name), text(message.version), from, text(message.structure)));
    if (const std::string own = text(message.definition); !own.empty()) line(1, fmt::format("structure {}", own));
    for (const Cardinality& c : message.cardinalities) {
      line(1, fmt::format("node {}: {} to {}", c.node, c.min, c.max == 0 ? "any number" : std::to_string(c.max)));
    }
    for (const LocalSegment& segment : message.segments) {
      if (segment.after == kNoNode)
        line(1, fmt::format("segment {}", text(segment.name)));
      else
        line(1, fmt::format("segment {} {}{} after node {}", text(segment.name), segment.required ? "required" : "optional",
                            segment.repeats ? " repeats" : "", segment.after));
      for (Id i = 0; i < segment.fields.count; ++i) {
        const LocalField& field = plan_.local_fields[segment.fields.first + i];
        line(2, fmt::format("{} {} : {}{}{}{}  phi {}", field.number, text(field.name), text(field.type),
                            field.length == 0 ? "" : fmt::format("({})", field.length), field.required ? " required" : "",
                            field.repeats ? " repeats" : "", text(field.phi)));
      }
    }
    for (const Rule& rule : message.rules) {
      switch (rule.kind) {
        case RuleKind::require: line(1, "require " + path(rule.path), rule.place); break;
        case RuleKind::condition: line(1, expr(rule.condition), rule.place); break;
        case RuleKind::rule: line(1, "rule " + quoted(text(rule.text)) + " : " + expr(rule.condition), rule.place); break;
      }
    }
    for (const TableExtension& table : message.tables) {
      if (table.closed) line(1, fmt::format("table {:04} closed", table.table));
      if (table.codes.count == 0) continue;
      std::string codes;
      for (const Id code : ids(table.codes)) codes += (codes.empty() ? "" : ", ") + quoted(text(code));
      line(1, fmt::format("table {:04} adds {}", table.table, codes));
    }
  }

  void statements(Range body, int indent) {
    for (const Id id : ids(body)) {
      const Statement& s = plan_.statements[id];
      const std::string failure = otherwise(s.on_failure);
      switch (s.op) {
        case StatementOp::assign: line(indent, path(s.target) + " = " + expr(s.value) + failure, s.place); break;
        case StatementOp::assign_null: line(indent, path(s.target) + " = null" + failure, s.place); break;
        case StatementOp::copy: line(indent, path(s.target) + " = copy of " + path(s.value) + failure, s.place); break;
        case StatementOp::copy_segment: line(indent, path(s.target) + " = segment " + path(s.value) + failure, s.place); break;
        case StatementOp::remove: line(indent, "delete " + path(s.target) + failure, s.place); break;
        case StatementOp::remove_segments: line(indent, "delete " + scope(s.scope).substr(5) + failure, s.place); break;
        case StatementOp::each:
          line(indent, scope(s.scope), s.place);
          statements(s.body, indent + 1);
          break;
        case StatementOp::when:
          line(indent, "when " + expr(s.condition), s.place);
          statements(s.body, indent + 1);
          if (s.otherwise.count > 0) line(indent, "otherwise");
          statements(s.otherwise, indent + 1);
          break;
        case StatementOp::copy_segments:
          line(indent, path(s.target) + " = segments " + path(s.value) + failure, s.place);
          break;
        case StatementOp::copy_group:
          line(indent, path(s.target) + " = groups of " + scope(s.scope).substr(5) + failure, s.place);
          break;
        case StatementOp::insert:
        case StatementOp::insert_group:
        case StatementOp::insert_repetition:
          line(indent, "insert " + path(s.target) + (s.value == kNone ? "" : " after " + path(s.value)) + failure, s.place);
          statements(s.body, indent + 1);
          break;
      }
    }
  }

  void describe(const Mapping& mapping) {
    line(0, "mapping " + text(mapping.name) +
                (mapping.message == kNone ? "" : " : " + text(plan_.messages[mapping.message].name)) +
                (mapping.result == kNone ? "" : " -> " + text(plan_.messages[mapping.result].name)));
    statements(mapping.body, 1);
  }

  [[nodiscard]] std::string method(const RedactionItem& item) const {
    std::string out;
    switch (item.method) {
      case RedactMethod::keep: return "keep";
      case RedactMethod::remove: return "remove";
      case RedactMethod::year: return "year";
      case RedactMethod::zip3: return "zip3";
      case RedactMethod::mask:
        return item.shape ? "mask keep shape" : item.amount > 0 ? fmt::format("mask keep {}", item.amount) : "mask";
      case RedactMethod::shift:
        out = "shift days by key " + place_text(item.key_segment, item.key_field, item.key_component, item.key_subcomponent) +
              " range " + fmt::format("{}d", item.amount);
        break;
      case RedactMethod::hash: out = fmt::format("hash length {}", item.amount); break;
      case RedactMethod::synthetic: out = "synthetic"; break;
    }
    if (item.secret != kNone) out += " secret " + text(plan_.secrets[item.secret]);
    return out;
  }

  [[nodiscard]] std::string place_text(Id segment, std::uint16_t field, std::uint16_t component,
                                       std::uint16_t subcomponent) const {
    std::string out = text(segment);
    if (field > 0) out += fmt::format("-{}", field);
    if (component > 0) out += fmt::format(".{}", component);
    if (subcomponent > 0) out += fmt::format(".{}", subcomponent);
    return out;
  }

  void describe(const Redaction& redaction) {
    std::string head = "redaction " + text(redaction.name) + (redaction.allow ? " allow" : "");
    if (redaction.message != kNone) {
      head += " : " + text(plan_.messages[redaction.message].name);
    } else {
      head += redaction.version == 0 ? " : any version" : " : " + text(redaction.version);
    }
    line(0, head);
    for (const RedactionItem& item : redaction.items) {
      std::string what;
      for (const Id label : ids(item.labels)) what += (what.empty() ? "labels " : ", ") + text(label);
      if (what.empty()) what = place_text(item.segment, item.field, item.component, item.subcomponent);
      line(1, what + " " + method(item), item.place);
    }
  }

  void describe(const Retry& retry) {
    std::string out = fmt::format("retry {}: first {}, most {}, jitter {} %", text(retry.name),
                                  duration_text(retry.first_micros), duration_text(retry.most_micros), retry.jitter_percent);
    if (retry.give_up_micros != 0) out += ", give up after " + duration_text(retry.give_up_micros);
    if (retry.give_up_attempts != 0) out += fmt::format(", give up after {} attempts", retry.give_up_attempts);
    if (retry.unreachable_give_up_micros != 0)
      out += ", unreachable give up after " + duration_text(retry.unreachable_give_up_micros);
    line(0, out);
  }

  void options(const std::vector<OptionValue>& all) {
    for (const OptionValue& option : all) {
      std::string value;
      if (option.value != kNone) value += " " + expr(option.value);
      if (option.file != kNone) value += " file " + quoted(text(option.file));
      if (option.secret != kNone) value += " secret " + text(plan_.secrets[option.secret]);
      line(1, text(option.name) + value);
    }
  }

  static const char* name_of(AckMode mode) {
    switch (mode) {
      case AckMode::when_stored: return "when stored";
      case AckMode::when_delivered: return "when delivered";
      case AckMode::on_receipt: return "on receipt";
    }
    return "";
  }
  static std::string name_of(const Destination& destination) {
    switch (destination.order) {
      case Order::fifo: return "fifo";
      case Order::keys: return fmt::format("by key, {} connections", destination.connections);
      case Order::patient: return fmt::format("by patient, {} connections", destination.connections);
      case Order::none: return fmt::format("none, {} connections", destination.connections);
    }
    return {};
  }

  void describe(const Source& source) {
    line(0,
         fmt::format("source {} = {}, {}, ack {}", text(source.name), text(source.connector), plan::name_of(source.level),
                     name_of(source.ack)),
         source.place);
    options(source.options);
    if (source.application_ack != kNone)
      line(1, "application acknowledgements by " + text(plan_.destinations[source.application_ack].name));
    if (source.ack == AckMode::when_delivered) line(1, "answered within " + duration_text(source.answer_within_micros));
    if (source.refuses_gaps) line(1, "a gap in MSH-13 is refused");
    for (const AcceptedType& type : source.accepts) {
      line(1, "accept " + text(type.code) + (type.trigger == 0 ? "" : "^" + text(type.trigger)) +
                  (type.structure == 0 ? "" : "^" + text(type.structure)));
    }
  }

  static const char* name_of(AckCondition condition) {
    switch (condition) {
      case AckCondition::as_sent: return "as sent";
      case AckCondition::always: return "AL";
      case AckCondition::never: return "NE";
      case AckCondition::on_error: return "ER";
      case AckCondition::on_success: return "SU";
    }
    return "";
  }

  static const char* name_of(Refusal refusal) {
    switch (refusal) {
      case Refusal::by_default: return "";
      case Refusal::for_good: return "refused for good";
      case Refusal::for_now: return "refused for now";
    }
    return "";
  }

  void describe(const Destination& destination) {
    line(0,
         fmt::format("destination {} = {}, holds {}, order {}", text(destination.name), text(destination.connector),
                     plan::name_of(destination.holds), name_of(destination)),
         destination.place);
    options(destination.options);
    std::string answers = "ack within " + duration_text(destination.ack_within_micros);
    if (destination.application_within_micros != 0)
      answers += ", application ack within " + duration_text(destination.application_within_micros);
    if (destination.accept_ack != AckCondition::as_sent) answers += std::string(", MSH-15 ") + name_of(destination.accept_ack);
    if (destination.application_ack != AckCondition::as_sent)
      answers += std::string(", MSH-16 ") + name_of(destination.application_ack);
    switch (destination.match) {
      case Match::id: break;
      case Match::id_prefix: answers += fmt::format(", match id prefix {}", destination.match_prefix); break;
      case Match::order: answers += ", match order"; break;
    }
    switch (destination.after_refusal) {
      case AfterRefusal::go_on: break;
      case AfterRefusal::hold_key: answers += ", on refusal hold key"; break;
      case AfterRefusal::hold_lane: answers += ", on refusal hold lane"; break;
    }
    if (destination.on_ae != Refusal::by_default) answers += std::string(", AE is ") + name_of(destination.on_ae);
    if (destination.on_ar != Refusal::by_default) answers += std::string(", AR is ") + name_of(destination.on_ar);
    if (destination.retry != kNone) answers += ", retry " + text(plan_.retries[destination.retry].name);
    line(1, answers);
    if (destination.idempotent.count > 0) {
      std::string keys;
      for (const Id key : ids(destination.idempotent)) keys += (keys.empty() ? "" : ", ") + text(key);
      line(1,
           fmt::format("{}, receiver knows copies by {} within {}", destination.exactly_once ? "exactly once" : "at least once",
                       keys, duration_text(destination.idempotent_within_micros)));
    }
    if (!destination.barriers.empty()) {
      std::string events;
      for (const AcceptedType& type : destination.barriers)
        events += (events.empty() ? "" : ", ") + text(type.code) + (type.trigger == 0 ? "" : "^" + text(type.trigger));
      line(1, "barrier on " + events);
    }
    if (destination.pace_messages > 0)
      line(1, fmt::format("pace {} per {}", destination.pace_messages, duration_text(destination.pace_micros)));
  }

  void arms(const Step& step, const std::string& number, int indent) {
    Id count = 0;
    for (const Id id : ids(step.list)) {
      const Arm& arm = plan_.arms[id];
      const std::string mine = fmt::format("{}.{}", number, ++count);
      std::string head;
      if (arm.otherwise) {
        head = "otherwise";
      } else if (step.op == StepOp::fanout) {
        head = "when " + expr(arm.condition);
      } else if (step.by_type) {
        for (const Id type : ids(arm.values)) head += (head.empty() ? "" : ", ") + text(type);
      } else {
        head = joined(arm.values);
      }
      OutlineLine& opened = line(indent, head, arm.place);
      opened.arm = id;
      opened.number = mine;
      steps(arm.body, mine + ".", indent + 1);
    }
  }

  void steps(Range body, const std::string& prefix, int indent) {
    Id count = 0;
    for (const Id id : ids(body)) {
      const Step& s = plan_.steps[id];
      const std::string number = fmt::format("{}{}", prefix, ++count);
      const auto say = [&](std::string_view what) {
        OutlineLine& said = line(indent, std::string(what) + otherwise(s.on_failure), s.place);
        said.step = id;
        said.number = number;
      };
      switch (s.op) {
        case StepOp::validate:
          say("validate " + text(plan_.messages[s.a].name) + (s.tolerant ? " tolerant" : s.strict ? " strict" : ""));
          break;
        case StepOp::dedup:
          say("dedup by " + joined(s.list) + " within " + duration_text(s.window_seconds * 1'000'000) + ignoring(s.ignoring) +
              (s.reject_conflict ? " conflict reject AE" : ""));
          break;
        case StepOp::map: say("map " + text(plan_.mappings[s.a].name)); break;
        case StepOp::when:
          say("when " + expr(s.a));
          steps(s.body, number + ".", indent + 1);
          if (s.otherwise.count > 0) line(indent, "otherwise").number = number;
          steps(s.otherwise, number + ".o", indent + 1);
          break;
        case StepOp::route:
          say(s.by_type ? "route type" : "route " + expr(s.a));
          arms(s, number, indent + 1);
          break;
        case StepOp::fanout:
          say("fanout");
          arms(s, number, indent + 1);
          break;
        case StepOp::branch:
          say("branch");
          steps(s.body, number + ".", indent + 1);
          break;
        case StepOp::deliver:
          say("-> " + text(plan_.destinations[s.a].name) + (s.list.count == 0 ? "" : " by " + joined(s.list)) +
              (s.urgent ? " urgent" : ""));
          break;
        case StepOp::dead: say("dead" + (s.a == kNone ? "" : " " + expr(s.a))); break;
        case StepOp::drop: say("drop" + (s.a == kNone ? "" : " " + expr(s.a))); break;
        case StepOp::convert: {
          static constexpr std::string_view kNames[] = {"hl7", "xml", "json", "bytes"};
          std::string words = "as " + std::string(kNames[s.a]);
          for (const Id word : ids(s.list)) words += " " + text(word);
          say(words);
          break;
        }
        case StepOp::redact: say("redact " + text(plan_.redactions[s.a].name)); break;
        case StepOp::reject: {
          OutlineLine& said = line(indent, otherwise(s.on_failure).substr(std::string_view("  else ").size()), s.place);
          said.step = id;
          said.number = number;
          break;
        }
        case StepOp::split: say("split " + scope(s.a)); break;
        case StepOp::batch: {
          const Batch& batch = plan_.batches[s.a];
          std::string to;
          for (const Id target : ids(batch.destinations))
            to += (to.empty() ? "" : ", ") + text(plan_.destinations[target].name);
          say(fmt::format("batch up to {} or {}, collected as {} -> {}", batch.most_messages, duration_text(batch.most_micros),
                          quoted(text(batch.name)), to));
          break;
        }
      }
    }
  }

  std::string ignoring(Range paths) {
    std::string out;
    for (const Id id : ids(paths)) out += (out.empty() ? " ignoring " : ", ") + path(id);
    return out;
  }

  void describe(const Alert& alert) {
    std::string to;
    for (const Id id : ids(alert.notify)) to += (to.empty() ? "" : ", ") + text(id);
    line(0, fmt::format("alert {}, notify {}", text(alert.name), to), alert.place);
    for (const AlertCondition& condition : alert.conditions) {
      line(1, fmt::format("when {}{} {} {} {}{}", condition.quantile == 0 ? "" : fmt::format("p{} of ", condition.quantile),
                          text(condition.metric),
                          condition.flow != kNone ? "in " + text(plan_.flows[condition.flow].name)
                                                  : "of " + text(plan_.destinations[condition.destination].name),
                          text(condition.op), condition.value,
                          condition.for_micros == 0 ? "" : " for " + duration_text(condition.for_micros)));
    }
  }

  void describe(const Flow& flow) {
    std::string from;
    bool on_receipt = false;
    for (const Id id : ids(flow.sources)) {
      from += (from.empty() ? "" : ", ") + text(plan_.sources[id].name);
      on_receipt = on_receipt || plan_.sources[id].ack == AckMode::on_receipt;
    }
    line(0, "flow " + text(flow.name) + " from " + from, flow.place);
    // Every step that exists is pure, so there is one checkpoint: at the end, or at the start if the answer does not wait.
    if (on_receipt) line(1, "-- checkpoint: commit, then acknowledge --");
    steps(flow.body, "", 1);
    if (!on_receipt) line(1, "-- checkpoint: commit, then acknowledge --");
    if (flow.respond_from != kNone) {
      line(1, "respond from " + text(plan_.destinations[flow.respond_from].name) + " within " +
                  duration_text(flow.respond_within_micros));
    }
  }

  const Plan& plan_;
  Subject subject_ = Subject::plan;
  std::string_view name_;
  std::vector<OutlineLine> lines_;
};

}  // namespace

std::string duration_text(std::uint64_t micros) {
  struct Unit {
    std::uint64_t size;
    const char* name;
  };
  for (const Unit unit :
       {Unit{86'400'000'000, "d"}, Unit{3'600'000'000, "h"}, Unit{60'000'000, "m"}, Unit{1'000'000, "s"}, Unit{1000, "ms"}}) {
    if (micros >= unit.size && micros % unit.size == 0) return fmt::format("{}{}", micros / unit.size, unit.name);
  }
  return fmt::format("{}us", micros);
}

const char* name_of(Level level) {
  switch (level) {
    case Level::identified: return "identified";
    case Level::limited: return "limited";
    case Level::deidentified: return "deidentified";
  }
  return "";
}

const char* name_of(Subject subject) {
  switch (subject) {
    case Subject::plan: return "plan";
    case Subject::input: return "input";
    case Subject::setting: return "setting";
    case Subject::secret: return "secret";
    case Subject::environment: return "environment";
    case Subject::table: return "table";
    case Subject::message: return "message";
    case Subject::mapping: return "mapping";
    case Subject::redaction: return "redaction";
    case Subject::retry: return "retry";
    case Subject::source: return "source";
    case Subject::destination: return "destination";
    case Subject::flow: return "flow";
    case Subject::alert: return "alert";
  }
  return "";
}

std::vector<OutlineLine> outline(const Plan& plan) { return Writer(plan).run(); }

std::string describe_plan(const Plan& plan) {
  std::string out;
  for (const OutlineLine& line : outline(plan)) {
    std::string full(static_cast<std::size_t>(line.indent) * 2, ' ');
    if (!line.number.empty()) full += line.number + " ";
    full += line.text;
    if (line.place != kNone) {
      const SourcePlace& at = plan.places[line.place];
      const std::size_t gap = full.size() < 70 ? 70 - full.size() : 2;
      full += fmt::format("{:{}}({}:{})", "", gap, plan.text(plan.inputs[at.file].path), at.line);
    }
    out += full + '\n';
  }
  return out;
}

}  // namespace smarthl7::plan

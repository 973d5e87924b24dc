// SPDX-License-Identifier: Apache-2.0
#include "compiler/plan/plan_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace smarthl7::plan {
namespace {

constexpr unsigned kMaxDepth = 1000;              // nesting of the language is limited to 200
constexpr std::uint64_t kMaxWeight = 10'000'000;  // items met in one walk over a flow, repeated ones counted again
constexpr std::size_t kMaxItems = 4'000'000;      // of one kind
constexpr std::size_t kMaxRedactionItems = 0xFFFF;
constexpr std::uint32_t kMaxShiftDays = 100'000;

enum class Item : std::uint8_t { expr, path, scope, statement, arm, step };
constexpr std::array<std::string_view, 6> kItemNames = {"expression", "path", "scope", "statement", "arm", "step"};

class Checker {
 public:
  explicit Checker(const Plan& plan) : plan_(plan) {
    const std::array<std::size_t, 6> counts = {plan.exprs.size(),      plan.paths.size(), plan.scopes.size(),
                                               plan.statements.size(), plan.arms.size(),  plan.steps.size()};
    for (std::size_t i = 0; i < counts.size(); ++i) weights_[i].resize(counts[i], 0);
  }

  Result<void> run() {
    check_sizes();
    if (ok()) check_basics();
    for (std::size_t kind = 0; kind < weights_.size() && ok(); ++kind) {
      for (Id id = 0; id < weights_[kind].size() && ok(); ++id) visit(static_cast<Item>(kind), id, 0);
    }
    if (ok()) check_messages();
    if (ok()) check_ends();
    if (ok()) check_batches();
    if (ok()) check_alerts();
    if (ok()) check_flows();
    if (!ok()) return fail(ErrorCode::corrupt, "the plan makes no sense: " + error_);
    return {};
  }

 private:
  static constexpr std::uint32_t kVisiting = 0xFFFFFFFF;

  [[nodiscard]] bool ok() const { return error_.empty(); }
  void need(bool condition, const char* what) {
    if (!condition && ok()) error_ = what;
  }
  void need(bool condition, Item kind, Id id, const char* what) {
    if (!condition && ok()) error_ = fmt::format("{} {}: {}", kItemNames[static_cast<std::size_t>(kind)], id, what);
  }
  [[nodiscard]] bool is_string(Id id) const { return id < plan_.strings.size(); }
  [[nodiscard]] bool in_range(Range range, std::size_t size) const {
    return range.first <= size && range.count <= size - range.first;
  }
  [[nodiscard]] std::span<const Id> ids(Range range) const { return std::span(plan_.lists).subspan(range.first, range.count); }
  bool strings_in(Range range) {
    return in_range(range, plan_.lists.size()) && std::ranges::all_of(ids(range), [&](Id id) { return is_string(id); });
  }
  [[nodiscard]] ValueType type_of(Id expr) const { return plan_.exprs[expr].type; }

  void check_sizes() {
    for (const std::size_t size :
         {plan_.strings.size(),      plan_.lists.size(),        plan_.places.size(),     plan_.inputs.size(),
          plan_.paths.size(),        plan_.exprs.size(),        plan_.scopes.size(),     plan_.statements.size(),
          plan_.mappings.size(),     plan_.local_fields.size(), plan_.messages.size(),   plan_.arms.size(),
          plan_.steps.size(),        plan_.flows.size(),        plan_.sources.size(),    plan_.retries.size(),
          plan_.destinations.size(), plan_.tables.size(),       plan_.settings.size(),   plan_.secrets.size(),
          plan_.environments.size(), plan_.builtins.size(),     plan_.redactions.size(), plan_.batches.size(),
          plan_.alerts.size()}) {
      need(size <= kMaxItems, "too many items of one kind");
    }
    need(!plan_.strings.empty() && plan_.strings[0].empty(), "string 0 is not the empty one");
  }

  void place(Id id) { need(id == kNone || id < plan_.places.size(), "a place is out of range"); }

  void check_basics() {
    for (const SourcePlace& at : plan_.places) need(at.file < plan_.inputs.size(), "a place is in no file");
    for (const Input& input : plan_.inputs) need(is_string(input.path), "an input has no path");
    for (const Id secret : plan_.secrets) need(is_string(secret), "a secret has no name");
    for (const Id builtin : plan_.builtins) need(is_string(builtin), "a builtin has no name");
    for (const Setting& setting : plan_.settings) {
      need(is_string(setting.name) && is_string(setting.type) && (setting.value == kNone || is_string(setting.value)),
           "a setting has no name, type or value");
    }
    for (const Environment& environment : plan_.environments) {
      need(is_string(environment.name), "an environment has no name");
      for (const EnvironmentValue& value : environment.values) {
        need(value.setting < plan_.settings.size() && is_string(value.value), "an environment sets what is no setting");
      }
    }
    for (const Table& table : plan_.tables) check_table(table);
  }

  void check_table(const Table& table) {
    need(is_string(table.name) && (table.input == kNone || table.input < plan_.inputs.size()), "a table has no name or input");
    need(table.columns.count > 0 && strings_in(table.columns), "a table has no columns");
    if (!ok()) return;
    need(table.cells.size() % table.columns.count == 0, "a table has half a row");
    need(std::ranges::all_of(table.cells, [&](Id cell) { return is_string(cell); }), "a cell of a table is out of range");
    need(table.keys > 0 && table.keys <= table.columns.count, "a table has more keys than columns");
    need(table.reload == TableReload::never || is_string(table.file), "a table that reloads has no file");
    need(table.reload == TableReload::never || table.cells.empty(), "a table that reloads has rows of its own");
    need(strings_in(table.optional), "an optional column has no name");
    for (std::size_t row = table.columns.count; ok() && row < table.cells.size(); row += table.columns.count) {
      const auto before = std::span(table.cells).subspan(row - table.columns.count, table.keys);
      const auto here = std::span(table.cells).subspan(row, table.keys);
      need(std::ranges::lexicographical_compare(before, here, [&](Id a, Id b) { return plan_.text(a) < plan_.text(b); }),
           "the keys of a table are not sorted");
    }
  }

  // ---- the graph of what messages run over: weight 0 is not visited yet --------------------------------------------------

  std::uint64_t visit(Item kind, Id id, unsigned depth) {
    auto& weights = weights_[static_cast<std::size_t>(kind)];
    if (id >= weights.size()) {
      need(false, kind, id, "there is no such item");
      return 0;
    }
    if (weights[id] == kVisiting) need(false, kind, id, "it contains itself");
    if (depth > kMaxDepth) need(false, kind, id, "too deep");
    if (!ok()) return 0;
    if (weights[id] != 0) return weights[id];
    weights[id] = kVisiting;
    weight_ = 1;
    switch (kind) {
      case Item::expr: expr(id, depth); break;
      case Item::path: path(id, depth); break;
      case Item::scope: scope(id, depth); break;
      case Item::statement: statement(id, depth); break;
      case Item::arm: arm(id, depth); break;
      case Item::step: step(id, depth); break;
    }
    need(weight_ <= kMaxWeight, kind, id, "it is too big");
    weights[id] = static_cast<std::uint32_t>(std::min(weight_, kMaxWeight));
    return weights[id];
  }

  void child(Item kind, Id id, unsigned depth) {
    if (!ok()) return;
    const std::uint64_t before = weight_;
    const std::uint64_t weight = visit(kind, id, depth + 1);
    weight_ = before + weight;
  }
  void children(Item kind, Range range, unsigned depth) {
    need(in_range(range, plan_.lists.size()), "a list is out of range");
    for (Id i = 0; ok() && i < range.count; ++i) child(kind, plan_.lists[range.first + i], depth);
  }
  void condition(Id id, unsigned depth) {
    child(Item::expr, id, depth);
    if (ok()) need(type_of(id) == ValueType::boolean, Item::expr, id, "a condition that is not true or false");
  }
  void operand(Id id, ValueType type, unsigned depth) {
    child(Item::expr, id, depth);
    if (ok()) need(type_of(id) == type || type_of(id) == ValueType::nothing, Item::expr, id, "an operand of another type");
  }
  void on_failure(const Else& otherwise, unsigned depth) {
    if (otherwise.reason != kNone) child(Item::expr, otherwise.reason, depth);
    switch (otherwise.kind) {
      case ElseKind::none:
      case ElseKind::proceed:
      case ElseKind::keep:
      case ElseKind::reject_error:
      case ElseKind::reject:
      case ElseKind::dead:
      case ElseKind::drop: break;
      case ElseKind::deliver: need(otherwise.destination < plan_.destinations.size(), "an `else` delivers nowhere"); break;
      case ElseKind::value: child(Item::expr, otherwise.value, depth); break;
    }
  }

  void expr(Id id, unsigned depth) {
    const Expr& e = plan_.exprs[id];
    const auto result = [&](ValueType type) { need(e.type == type, Item::expr, id, "its type is not that of its operation"); };
    place(e.place);
    switch (e.op) {
      case ExprOp::text:
        need(is_string(e.a), Item::expr, id, "no text");
        result(ValueType::text);
        break;
      case ExprOp::number:
        need(is_string(e.a), Item::expr, id, "no number");
        need(e.type == ValueType::number || e.type == ValueType::duration || e.type == ValueType::size, Item::expr, id,
             "a number of no type");
        break;
      case ExprOp::boolean:
        need(e.a <= 1, Item::expr, id, "neither true nor false");
        result(ValueType::boolean);
        break;
      case ExprOp::absent:
      case ExprOp::value: break;
      case ExprOp::setting: need(e.a < plan_.settings.size(), Item::expr, id, "no setting"); break;
      case ExprOp::read:
      case ExprOp::read_raw: child(Item::path, e.a, depth); break;
      case ExprOp::present:
      case ExprOp::is_absent:
      case ExprOp::is_null:
        child(Item::path, e.a, depth);
        result(ValueType::boolean);
        break;
      case ExprOp::every_value:
      case ExprOp::any_value:
        child(Item::path, e.a, depth);
        condition(e.b, depth);
        result(ValueType::boolean);
        break;
      case ExprOp::every_scope:
        child(Item::scope, e.a, depth);
        condition(e.b, depth);
        result(ValueType::boolean);
        break;
      case ExprOp::equal:
      case ExprOp::not_equal:
      case ExprOp::less:
      case ExprOp::less_equal:
      case ExprOp::greater:
      case ExprOp::greater_equal:
        child(Item::expr, e.a, depth);
        if (ok()) operand(e.b, type_of(e.a) == ValueType::nothing ? type_of(e.b) : type_of(e.a), depth);
        result(ValueType::boolean);
        break;
      case ExprOp::logical_and:
      case ExprOp::logical_or:
        condition(e.a, depth);
        condition(e.b, depth);
        result(ValueType::boolean);
        break;
      case ExprOp::logical_not:
        condition(e.a, depth);
        result(ValueType::boolean);
        break;
      case ExprOp::either:
        operand(e.a, e.type, depth);
        operand(e.b, e.type, depth);
        break;
      case ExprOp::in_list:
        child(Item::expr, e.a, depth);
        children(Item::expr, e.list, depth);
        result(ValueType::boolean);
        break;
      case ExprOp::in_table:
        operand(e.a, ValueType::text, depth);
        need(e.b < plan_.tables.size(), Item::expr, id, "no table");
        result(ValueType::boolean);
        break;
      case ExprOp::matches:
        operand(e.a, ValueType::text, depth);
        need(is_string(e.b), Item::expr, id, "no pattern");
        result(ValueType::boolean);
        break;
      case ExprOp::add:
      case ExprOp::subtract:
      case ExprOp::multiply:
      case ExprOp::divide:
        child(Item::expr, e.a, depth);
        child(Item::expr, e.b, depth);
        if (ok()) need(can_calculate(e.op, type_of(e.a), type_of(e.b), e.type), Item::expr, id, "arithmetic without numbers");
        break;
      case ExprOp::concat:
        children(Item::expr, e.list, depth);
        result(ValueType::text);
        break;
      case ExprOp::call:
        need(e.a < plan_.builtins.size(), Item::expr, id, "no function");
        children(Item::expr, e.list, depth);
        break;
      case ExprOp::lookup:
        need(e.a < plan_.tables.size(), Item::expr, id, "no table");
        if (ok()) need(e.c < plan_.tables[e.a].columns.count, Item::expr, id, "no column");
        operand(e.b, ValueType::text, depth);
        children(Item::expr, e.list, depth);
        if (ok()) need(e.list.count + 1 == plan_.tables[e.a].keys, Item::expr, id, "another number of keys than the table has");
        result(ValueType::text);
        break;
      case ExprOp::read_list:
        child(Item::path, e.a, depth);
        result(ValueType::list);
        break;
      case ExprOp::code:
        operand(e.a, ValueType::text, depth);
        need(e.b == kNone || e.b < plan_.tables.size(), Item::expr, id, "no table");
        need(strings_in(e.list) && is_string(e.c), Item::expr, id, "a code is no text");
        result(ValueType::text);
        break;
      case ExprOp::in_values:
        child(Item::expr, e.a, depth);
        operand(e.b, ValueType::list, depth);
        result(ValueType::boolean);
        break;
    }
  }

  /// The types of stdlib/builtins/calculate.h. What has no type is absent, or of a type that only the call knows.
  [[nodiscard]] static bool can_calculate(ExprOp op, ValueType a, ValueType b, ValueType result) {
    if (a == ValueType::nothing || b == ValueType::nothing) return true;
    const bool sum = op == ExprOp::add || op == ExprOp::subtract;
    const bool count = a == ValueType::duration || a == ValueType::size;
    const bool moment = a == ValueType::date || a == ValueType::time || a == ValueType::timestamp;
    if (a == ValueType::number) return b == ValueType::number && result == ValueType::number;
    if (count && a == b) return sum ? result == a : op == ExprOp::divide && result == ValueType::number;
    if (count) return b == ValueType::number && !sum && result == a;
    if (moment && b == ValueType::duration) return sum && result == a;
    return moment && a == b && op == ExprOp::subtract && result == ValueType::duration;
  }

  void path(Id id, unsigned depth) {
    const Path& p = plan_.paths[id];
    need(is_string(p.segment.name) && is_string(p.text), Item::path, id, "no name");
    need(p.segment.pick != Pick::chosen, Item::path, id, "a segment cannot be chosen by value");
    need(p.segment.pick != Pick::nth || p.segment.n > 0, Item::path, id, "segments count from 1");
    need(p.component == 0 || p.field > 0, Item::path, id, "a component of no field");
    need(p.subcomponent == 0 || p.component > 0, Item::path, id, "a subcomponent of no component");
    if (p.repetition == Pick::chosen) condition(p.choice, depth);
  }

  void scope(Id id, unsigned depth) {
    const Scope& s = plan_.scopes[id];
    need(is_string(s.name), Item::scope, id, "no name");
    if (s.kind == ScopeKind::repetition) {
      child(Item::path, s.path, depth);
      if (ok()) need(plan_.paths[s.path].field > 0, Item::scope, id, "repetitions of no field");
    }
    need(s.kind != ScopeKind::group || s.node != kNoNode, Item::scope, id, "no group");
    if (s.where != kNone) condition(s.where, depth);
  }

  void statement(Id id, unsigned depth) {
    const Statement& s = plan_.statements[id];
    place(s.place);
    on_failure(s.on_failure, depth);
    switch (s.op) {
      case StatementOp::assign:
        child(Item::path, s.target, depth);
        child(Item::expr, s.value, depth);
        if (ok()) need(plan_.paths[s.target].field > 0, Item::statement, id, "a segment is assigned text");
        break;
      case StatementOp::assign_null:
        child(Item::path, s.target, depth);
        if (ok()) need(plan_.paths[s.target].field > 0, Item::statement, id, "a segment is assigned null");
        break;
      case StatementOp::remove: child(Item::path, s.target, depth); break;
      case StatementOp::copy:
      case StatementOp::copy_segment:
        child(Item::path, s.target, depth);
        child(Item::path, s.value, depth);
        if (ok()) {
          const bool segment = s.op == StatementOp::copy_segment;
          need((plan_.paths[s.target].field == 0) == segment && (plan_.paths[s.value].field == 0) == segment, Item::statement,
               id, "copies a field and a segment");
        }
        break;
      case StatementOp::remove_segments: child(Item::scope, s.scope, depth); break;
      case StatementOp::each:
        child(Item::scope, s.scope, depth);
        children(Item::statement, s.body, depth);
        break;
      case StatementOp::when:
        condition(s.condition, depth);
        children(Item::statement, s.body, depth);
        children(Item::statement, s.otherwise, depth);
        break;
      case StatementOp::insert:
      case StatementOp::insert_group:
      case StatementOp::insert_repetition:
        child(Item::path, s.target, depth);
        if (s.value != kNone) child(Item::path, s.value, depth);
        if (ok()) {
          const Path& target = plan_.paths[s.target];
          need((target.field > 0) == (s.op == StatementOp::insert_repetition), Item::statement, id, "inserts what is none");
          need(s.op != StatementOp::insert_group || target.segment.node != kNoNode, Item::statement, id, "inserts no group");
        }
        children(Item::statement, s.body, depth);
        break;
      case StatementOp::copy_segments:
        child(Item::path, s.target, depth);
        child(Item::path, s.value, depth);
        if (ok()) need(s.made && plan_.paths[s.target].field == 0, Item::statement, id, "copies segments to a field");
        break;
      case StatementOp::copy_group:
        child(Item::path, s.target, depth);
        child(Item::scope, s.scope, depth);
        if (ok())
          need(s.made && plan_.paths[s.target].segment.node != kNoNode, Item::statement, id, "copies groups to no group");
        break;
    }
  }

  void arm(Id id, unsigned depth) {
    const Arm& a = plan_.arms[id];
    place(a.place);
    if (a.condition != kNone) condition(a.condition, depth);
    children(Item::step, a.body, depth);
  }

  void step(Id id, unsigned depth) {
    const Step& s = plan_.steps[id];
    place(s.place);
    on_failure(s.on_failure, depth);
    switch (s.op) {
      case StepOp::validate: need(s.a < plan_.messages.size(), Item::step, id, "no message"); break;
      case StepOp::dedup:
        need(s.list.count > 0 && s.window_seconds > 0, Item::step, id, "a dedup without key or window");
        children(Item::expr, s.list, depth);
        children(Item::path, s.ignoring, depth);
        break;
      case StepOp::map: need(s.a < plan_.mappings.size(), Item::step, id, "no mapping"); break;
      case StepOp::when:
        condition(s.a, depth);
        children(Item::step, s.body, depth);
        children(Item::step, s.otherwise, depth);
        break;
      case StepOp::route:
        if (!s.by_type) child(Item::expr, s.a, depth);
        children(Item::arm, s.list, depth);
        for (Id i = 0; ok() && i < s.list.count; ++i) {
          const Arm& a = plan_.arms[plan_.lists[s.list.first + i]];
          if (s.by_type) {
            need(strings_in(a.values), Item::step, id, "a type that is no text");
          } else {
            children(Item::expr, a.values, depth);
          }
        }
        break;
      case StepOp::fanout:
        children(Item::arm, s.list, depth);
        for (Id i = 0; ok() && i < s.list.count; ++i) {
          const Arm& a = plan_.arms[plan_.lists[s.list.first + i]];
          need(a.otherwise || a.condition != kNone, Item::step, id, "an arm without condition");
        }
        break;
      case StepOp::branch: children(Item::step, s.body, depth); break;
      case StepOp::deliver:
        need(s.a < plan_.destinations.size(), Item::step, id, "no destination");
        children(Item::expr, s.list, depth);
        if (s.urgent) {
          children(Item::path, s.ignoring, depth);
          need(strings_in(s.otherwise), Item::step, id, "an urgency that is no text");
        }
        break;
      case StepOp::dead:
      case StepOp::drop:
        if (s.a != kNone) child(Item::expr, s.a, depth);
        break;
      case StepOp::convert:
        need(s.a <= static_cast<Id>(Content::bytes) && strings_in(s.list), Item::step, id, "converts to nothing");
        break;
      case StepOp::redact: need(s.a < plan_.redactions.size(), Item::step, id, "no redaction"); break;
      case StepOp::reject:
        need(s.on_failure.kind == ElseKind::reject_error || s.on_failure.kind == ElseKind::reject, Item::step, id,
             "a reject that does something else");
        break;
      case StepOp::split:
        child(Item::scope, s.a, depth);
        if (ok()) {
          const Scope& scope = plan_.scopes[s.a];
          need(scope.kind != ScopeKind::repetition && scope.frame == 0 && scope.where == kNone, Item::step, id,
               "splits by what is no group or segment");
        }
        break;
      case StepOp::batch: need(s.a < plan_.batches.size(), Item::step, id, "no batch"); break;
    }
  }

  // ---- declarations ------------------------------------------------------------------------------------------------------

  void check_messages() {
    for (const LocalField& field : plan_.local_fields) {
      need(is_string(field.name) && is_string(field.type) && is_string(field.phi),
           "a field of a local segment has no name or type");
    }
    for (const Message& message : plan_.messages) {
      need(is_string(message.name) && is_string(message.version) && is_string(message.from_version) &&
               is_string(message.structure) && is_string(message.definition),
           "a message has no name or type");
      for (const LocalSegment& segment : message.segments) {
        need(is_string(segment.name) && in_range(segment.fields, plan_.local_fields.size()),
             "a local segment has no name or fields");
      }
      for (const Rule& rule : message.rules) {
        need(is_string(rule.text) && (rule.path == kNone || rule.path < plan_.paths.size()), "a rule has no text or path");
        need(rule.kind != RuleKind::require || rule.path != kNone, "a `require` of nothing");
        need(rule.kind == RuleKind::require || rule.condition < plan_.exprs.size(), "a rule has no condition");
        if (ok() && rule.kind != RuleKind::require)
          need(type_of(rule.condition) == ValueType::boolean, "a rule is not true or false");
        place(rule.place);
      }
      for (const TableExtension& table : message.tables) need(strings_in(table.codes), "an added code is no text");
    }
    for (const Mapping& mapping : plan_.mappings) {
      need(is_string(mapping.name) && (mapping.message == kNone || mapping.message < plan_.messages.size()),
           "a mapping has no name or message");
      need(mapping.result == kNone || mapping.result < plan_.messages.size(), "a mapping makes no message");
      need(is_string(mapping.code) && is_string(mapping.trigger), "a mapping makes a message of no type");
      weight_ = 0;
      children(Item::statement, mapping.body, 0);
    }
    for (const Redaction& redaction : plan_.redactions) check_redaction(redaction);
  }

  void check_redaction(const Redaction& redaction) {
    need(is_string(redaction.name) && is_string(redaction.version) &&
             (redaction.message == kNone || redaction.message < plan_.messages.size()),
         "a redaction has no name, version or message");
    need(redaction.items.size() < kMaxRedactionItems, "too many items of one redaction");
    std::uint16_t layer = 0;
    for (const RedactionItem& item : redaction.items) {
      if (!ok()) return;
      need(is_string(item.segment) && is_string(item.key_segment) && strings_in(item.labels),
           "an item of a redaction has no segment or labels");
      need((item.segment != 0) != (item.labels.count != 0), "an item of a redaction has both a path and labels, or neither");
      need((item.component == 0 || item.field > 0) && (item.subcomponent == 0 || item.component > 0),
           "an item of a redaction is a part of nothing");
      need(item.secret == kNone || item.secret < plan_.secrets.size(), "an item of a redaction names no secret");
      need(item.method != RedactMethod::hash || (item.secret != kNone && item.amount > 0), "a hash has no secret or length");
      need(item.method != RedactMethod::shift ||
               (item.key_segment != 0 && item.key_field > 0 && item.amount > 0 && item.amount <= kMaxShiftDays),
           "a shift has no key or range");
      need(item.layer >= layer, "the layers of a redaction are out of order");
      layer = item.layer;
      place(item.place);
    }
  }

  void check_options(const std::vector<OptionValue>& options) {
    for (const OptionValue& option : options) {
      need(is_string(option.name), "an option has no name");
      need(option.value == kNone || option.value < plan_.exprs.size(), "an option has no value");
      need(option.secret == kNone || option.secret < plan_.secrets.size(), "an option names no secret");
      need(option.file == kNone || is_string(option.file), "an option names no file");
    }
  }

  void check_ends() {
    for (const Source& source : plan_.sources) {
      need(is_string(source.name) && is_string(source.connector), "a source has no name or connector");
      check_options(source.options);
      place(source.place);
      need(source.application_ack == kNone || source.application_ack < plan_.destinations.size(),
           "a source's application acknowledgements go nowhere");
      for (const AcceptedType& type : source.accepts) {
        need(is_string(type.code) && is_string(type.trigger) && is_string(type.structure), "an accepted type has no name");
      }
    }
    for (const Retry& retry : plan_.retries) need(is_string(retry.name), "a retry has no name");
    for (const Destination& destination : plan_.destinations) {
      need(is_string(destination.name) && is_string(destination.connector), "a destination has no name or connector");
      need(destination.retry == kNone || destination.retry < plan_.retries.size(), "a destination has no retry");
      need(destination.connections > 0, "a destination has no connections");
      need(strings_in(destination.idempotent), "a destination's copies are known by no text");
      need(!destination.exactly_once || (destination.idempotent.count > 0 && destination.idempotent_within_micros > 0),
           "a destination delivers exactly once to a receiver that knows no copies");
      need((destination.pace_messages == 0) == (destination.pace_micros == 0), "a destination has half a pace");
      for (const AcceptedType& type : destination.barriers)
        need(is_string(type.code) && is_string(type.trigger) && is_string(type.structure), "a barrier event has no name");
      check_options(destination.options);
      place(destination.place);
    }
  }

  bool destinations_in(Range range) {
    return in_range(range, plan_.lists.size()) &&
           std::ranges::all_of(ids(range), [&](Id id) { return id < plan_.destinations.size(); });
  }

  void check_batches() {
    for (const Batch& batch : plan_.batches) {
      need(is_string(batch.name) && batch.name != 0, "a batch has no name");
      need(batch.most_messages > 0 && batch.most_micros > 0, "a batch that never closes");
      need(batch.destinations.count > 0 && destinations_in(batch.destinations), "a batch goes nowhere");
      place(batch.place);
    }
  }

  void check_alerts() {
    for (const Alert& alert : plan_.alerts) {
      need(is_string(alert.name) && strings_in(alert.notify), "an alert has no name, or tells what is no contact");
      for (const AlertCondition& condition : alert.conditions) {
        need(is_string(condition.metric) && is_string(condition.op), "an alert watches no metric");
        const bool flow = condition.flow < plan_.flows.size();
        const bool destination = condition.destination < plan_.destinations.size();
        need(flow != destination && (flow ? condition.destination : condition.flow) == kNone,
             "an alert watches no flow or destination");
      }
      place(alert.place);
    }
  }

  void check_flows() {
    for (const Flow& flow : plan_.flows) {
      need(is_string(flow.name), "a flow has no name");
      need(flow.message == kNone || flow.message < plan_.messages.size(), "a flow has no message");
      need(in_range(flow.sources, plan_.lists.size()), "a flow has no sources");
      for (Id i = 0; ok() && i < flow.sources.count; ++i) {
        need(plan_.lists[flow.sources.first + i] < plan_.sources.size(), "a flow comes from no source");
      }
      need(flow.respond_from == kNone || flow.respond_from < plan_.destinations.size(), "a flow responds from no destination");
      place(flow.place);
      weight_ = 0;
      children(Item::step, flow.body, 0);
    }
  }

  const Plan& plan_;
  std::string error_;
  std::array<std::vector<std::uint32_t>, 6> weights_;
  std::uint64_t weight_ = 0;
};

}  // namespace

Result<void> check_plan(const Plan& plan) { return Checker(plan).run(); }

}  // namespace smarthl7::plan

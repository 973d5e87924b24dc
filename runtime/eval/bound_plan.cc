// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/bound_plan.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "compiler/plan/plan_check.h"
#include "stdlib/builtins/calculate.h"

namespace smarthl7::eval {
namespace {

using plan::Id;
using plan::kNone;

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
constexpr std::array<Unit, 6> kDurations = {
    {{"us", 1}, {"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}}};
constexpr std::array<Unit, 4> kSizes = {{{"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024 * 1024 * 1024}}};

/// "30s" in microseconds or "64MiB" in bytes, as digits.
std::optional<std::string> in_units(std::string_view text, std::span<const Unit> units) {
  const std::size_t end = text.find_first_not_of("0123456789");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  const auto number = Decimal::parse(text.substr(0, end));
  for (const Unit& unit : units) {
    if (number && unit.name == text.substr(end)) {
      const auto product = number->plain().multiply(Decimal(static_cast<std::int64_t>(unit.size)));
      if (product) return product->to_string();
    }
  }
  return std::nullopt;
}

/// "scheme://rest" and "host:port", as the compiler takes them for a setting.
bool is_url(std::string_view text) {
  const std::size_t scheme = text.find("://");
  return scheme != std::string_view::npos && scheme > 0 && scheme + 3 < text.size() && text.find(' ') == std::string_view::npos;
}

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = Decimal::parse(text.substr(colon + 1));
  if (!port || port->scale() != 0 || *port > Decimal(65535) || text[colon + 1] < '0' || text[colon + 1] > '9') return false;
  const std::string_view host = text.substr(0, colon);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  return host.find_first_of(" \t/") == std::string_view::npos && (bracketed || host.find(':') == std::string_view::npos);
}

bool fits_type(std::string_view type, std::string_view value) {
  if (type == "number") return Decimal::parse(value).has_value();
  if (type == "bool") return value == "true" || value == "false";
  if (type == "duration") return in_units(value, kDurations).has_value();
  if (type == "size") return in_units(value, kSizes).has_value();
  if (type == "port") {
    const auto number = Decimal::parse(value);
    return number && number->scale() == 0 && *number > Decimal(-1) && *number < Decimal(65536);
  }
  if (type == "url") return is_url(value);
  if (type == "address") return is_address(value);
  return true;
}

/// A setting's text, which fits its type, as expressions see it.
builtins::Value value_of(std::string_view type, std::string_view text) {
  if (type == "bool") return builtins::Value::of(text == "true");
  const auto digits = type == "duration" ? in_units(text, kDurations)
                      : type == "size"   ? in_units(text, kSizes)
                                         : std::string(text);
  const bool counts = type == "duration" || type == "size";
  if (!counts && type != "number" && type != "port") return builtins::Value::of(text);
  const Decimal number = Decimal::parse(digits.value_or("0")).value_or(Decimal{});
  return type == "duration" ? builtins::Value::duration(number.to_int64())
         : type == "size"   ? builtins::Value::size(number.to_int64())
                            : builtins::Value::of(number);
}

}  // namespace

Bound::Bound(plan::Plan plan, const Sha256& digest, const HashKey& hash_key)
    : plan_(std::move(plan)), digest_(digest), hash_key_(hash_key) {}
Bound::~Bound() = default;

Result<void> Bound::prepare(const Bindings& bindings) {
  recorder_ = bindings.recorder;
  TRY_VOID(plan::check_plan(plan_));
  TRY_VOID(bind_settings(bindings));
  TRY_VOID(bind_secrets(bindings));
  for (const plan::Path& path : plan_.paths) path_keys_.push_back(hl7::name_key(text(path.segment.name)));
  for (const plan::Scope& scope : plan_.scopes) scope_keys_.push_back(hl7::name_key(text(scope.name)));
  TRY_VOID(bind_expressions());
  bind_constants();
  TRY_VOID(bind_tables(bindings));
  TRY_VOID(bind_messages());
  TRY_VOID(bind_charsets());
  target_required_.resize(plan_.statements.size(), false);
  for (const plan::Mapping& mapping : plan_.mappings) {
    const Id made = mapping.result != kNone ? mapping.result : mapping.message;
    if (mapping.message != kNone) bind_required(mapping.message, made, mapping.body);
    made_headers_.push_back(
        mapping.result == kNone
            ? MadeHeader{}
            : MadeHeader(plan_, mapping, validators_[mapping.result]->version(),
                         mapping.message == kNone ? hl7::newest_version() : validators_[mapping.message]->version()));
  }
  flows_of_.resize(plan_.sources.size());
  for (Id flow = 0; flow < plan_.flows.size(); ++flow) {
    for (const Id source : list(plan_.flows[flow].sources)) {
      auto& flows = flows_of_[source];
      if (flows.empty() || flows.back() != flow) flows.push_back(flow);  // a source that is named twice feeds it once
    }
  }
  return {};
}

Result<void> Bound::bind_secrets(const Bindings& bindings) {
  for (const Id name : plan_.secrets) {
    const auto given = bindings.secrets.find(std::string(text(name)));
    secrets_.push_back(given == bindings.secrets.end() ? Secret() : given->second);
  }
  for (const std::string& name : secrets_of_redactions(plan_)) {
    const auto given = bindings.secrets.find(name);
    if (given == bindings.secrets.end() || given->second.empty())
      return fail(ErrorCode::not_found, fmt::format("secret `{}`, which a redaction works with, has no value", name));
  }
  return {};
}

Result<void> Bound::bind_settings(const Bindings& bindings) {
  const plan::Environment* environment = nullptr;
  for (const plan::Environment& candidate : plan_.environments) {
    if (text(candidate.name) == bindings.environment) environment = &candidate;
  }
  if (environment == nullptr && !bindings.environment.empty()) {
    return fail(ErrorCode::not_found, fmt::format("the plan has no environment `{}`", bindings.environment));
  }
  for (const auto& [name, value] : bindings.settings) {
    bool known = false;
    for (const plan::Setting& setting : plan_.settings) known = known || text(setting.name) == name;
    if (!known) return fail(ErrorCode::not_found, fmt::format("the plan has no setting `{}`", name));
  }
  for (Id id = 0; id < plan_.settings.size(); ++id) {
    const plan::Setting& setting = plan_.settings[id];
    std::optional<std::string> value;
    if (setting.value != kNone) value = text(setting.value);
    if (environment != nullptr) {
      for (const plan::EnvironmentValue& given : environment->values) {
        if (given.setting == id) value = text(given.value);
      }
    }
    if (const auto given = bindings.settings.find(std::string(text(setting.name))); given != bindings.settings.end())
      value = given->second;
    if (!value) {
      return fail(ErrorCode::invalid,
                  fmt::format("setting `{}` has no value: give it in the environment or with --set", text(setting.name)));
    }
    if (!fits_type(text(setting.type), *value)) {
      return fail(ErrorCode::invalid,
                  fmt::format("setting `{}` is not a {}: `{}`", text(setting.name), text(setting.type), *value));
    }
    settings_.push_back(*std::move(value));
  }
  for (Id id = 0; id < plan_.settings.size(); ++id)
    setting_values_.push_back(value_of(text(plan_.settings[id].type), settings_[id]));
  return {};
}

Result<void> Bound::bind_expressions() {
  for (const Id name : plan_.builtins) {
    const builtins::Function* function = builtins::find_function(text(name));
    if (function == nullptr)
      return fail(ErrorCode::version, fmt::format("the plan calls `{}`, which this program does not have", text(name)));
    builtins_.push_back(function);
  }
  for (const plan::Expr& expr : plan_.exprs) {
    switch (expr.op) {
      case plan::ExprOp::number: {
        const auto number = Decimal::parse(text(expr.a));
        if (!number) return fail(ErrorCode::corrupt, "a number of the plan is none");
        numbers_.emplace(expr.a, *number);
        break;
      }
      case plan::ExprOp::matches: {
        RE2::Options options;
        options.set_log_errors(false);
        const std::string_view source = text(expr.b);
        auto pattern = std::make_unique<RE2>(re2::StringPiece(source.data(), source.size()), options);
        if (!pattern->ok())
          return fail(ErrorCode::invalid, fmt::format("the pattern r\"{}\" is not right: {}", text(expr.b), pattern->error()));
        patterns_.emplace(expr.b, std::move(pattern));
        break;
      }
      case plan::ExprOp::call: TRY_VOID(bind_call(expr)); break;
      default: break;
    }
  }
  return {};
}

Result<void> Bound::bind_call(const plan::Expr& expr) {
  const builtins::Function& function = *builtins_[expr.a];
  const auto type_of = [](builtins::Type type) {
    switch (type) {
      case builtins::Type::text: return plan::ValueType::text;
      case builtins::Type::number: return plan::ValueType::number;
      case builtins::Type::boolean: return plan::ValueType::boolean;
      case builtins::Type::date: return plan::ValueType::date;
      case builtins::Type::time: return plan::ValueType::time;
      case builtins::Type::timestamp: return plan::ValueType::timestamp;
      case builtins::Type::duration: return plan::ValueType::duration;
      case builtins::Type::size: return plan::ValueType::size;
      case builtins::Type::any:
      case builtins::Type::moment:
      case builtins::Type::text_or_moment:
      case builtins::Type::same: break;
    }
    return plan::ValueType::nothing;
  };
  const auto takes = [&](const builtins::Parameter& parameter, plan::ValueType given) {
    if (given == plan::ValueType::nothing || (given == plan::ValueType::list && parameter.list)) return true;
    constexpr std::array kTypes = {builtins::Type::text,     builtins::Type::number, builtins::Type::boolean,
                                   builtins::Type::date,     builtins::Type::time,   builtins::Type::timestamp,
                                   builtins::Type::duration, builtins::Type::size};
    return std::any_of(kTypes.begin(), kTypes.end(),
                       [&](builtins::Type type) { return type_of(type) == given && builtins::accepts(parameter.type, type); });
  };
  const plan::ValueType result = function.result_list ? plan::ValueType::list : type_of(function.result);
  bool right = function.takes(expr.list.count) && (expr.type == result || function.result == builtins::Type::same);
  for (std::size_t i = 0; right && i < expr.list.count; ++i) {
    right = takes(function.parameter(i), plan_.exprs[list(expr.list)[i]].type);
  }
  if (!right)
    return fail(ErrorCode::version,
                fmt::format("the plan calls `{}` as it is not: {}", function.name, builtins::signature(function)));
  return {};
}

/// A call of literals and settings gives the same for every message, so it is made here: a date is read once.
void Bound::bind_constants() {
  is_constant_.resize(plan_.exprs.size(), false);
  for (Id id = 0; id < plan_.exprs.size(); ++id) {
    if (plan_.exprs[id].op != plan::ExprOp::call) continue;
    const auto value = fold(id);
    if (!value) continue;
    constants_.emplace(id, *value);
    is_constant_[id] = true;
  }
}

std::optional<builtins::Value> Bound::fold(Id id) {
  const plan::Expr& e = plan_.exprs[id];
  switch (e.op) {
    case plan::ExprOp::text: return builtins::Value::of(text(e.a));
    case plan::ExprOp::number: {
      const Decimal& value = number(e.a);
      return e.type == plan::ValueType::duration ? builtins::Value::duration(value.to_int64())
             : e.type == plan::ValueType::size   ? builtins::Value::size(value.to_int64())
                                                 : builtins::Value::of(value);
    }
    case plan::ExprOp::boolean: return builtins::Value::of(e.a != 0);
    case plan::ExprOp::setting: return setting_values_[e.a];
    case plan::ExprOp::call: break;
    default: return std::nullopt;
  }
  if (is_constant_[id]) return constants_.find(id)->second;
  const builtins::Function& function = *builtins_[e.a];
  std::vector<builtins::Value> arguments;
  for (const Id argument : list(e.list)) {
    auto value = fold(argument);
    if (!value || value->absent()) return std::nullopt;
    if (function.parameter(arguments.size()).list && value->kind != builtins::Kind::list) {
      const std::span<builtins::Value> one = constant_texts_.take_values(1);
      one[0] = *value;
      value = builtins::Value::list(one);
    }
    arguments.push_back(*value);
  }
  builtins::Value result;
  if (arguments.empty() || !function.apply(arguments, constant_texts_, result)) return std::nullopt;
  return result;
}

Result<void> Bound::bind_tables(const Bindings& bindings) {
  TableSet set;
  for (const plan::Table& table : plan_.tables) {
    if (table.reload != plan::TableReload::never) {
      const auto given = bindings.tables.find(std::string(text(table.name)));
      if (given == bindings.tables.end())
        return fail(ErrorCode::not_found, fmt::format("the rows of the table `{}` were not read", text(table.name)));
      if (given->second->rows.columns() != table.columns.count || given->second->rows.keys() != table.keys)
        return fail(ErrorCode::invalid, fmt::format("the rows of the table `{}` have other columns", text(table.name)));
      set.tables.push_back(given->second);
      continue;
    }
    std::size_t room = 0;
    for (const Id cell : table.cells) room += text(cell).size() + 1;
    tables::TableBuilder builder(table.columns.count, table.keys, room);
    std::vector<std::string_view> row(table.columns.count);
    for (std::size_t at = 0; at < table.cells.size(); at += row.size()) {
      for (std::size_t column = 0; column < row.size(); ++column) row[column] = text(table.cells[at + column]);
      if (!builder.add(row)) return fail(ErrorCode::invalid, fmt::format("the table `{}` is too large", text(table.name)));
    }
    auto rows = builder.finish();
    if (!rows) return fail(ErrorCode::corrupt, fmt::format("the table `{}` has a key twice", text(table.name)));
    auto version = std::make_shared<TableVersion>();
    version->rows = std::move(*rows);
    set.tables.push_back(std::move(version));
  }
  tables_ = std::make_unique<LiveTables>(std::move(set));
  return {};
}

Result<void> Bound::bind_messages() {
  for (const plan::Message& message : plan_.messages) {
    const hl7::VersionMatch match = hl7::find_version(text(message.version));
    hl7::Structure structure;
    if (match.version && !text(message.definition).empty()) {
      const auto own = hl7::LocalStructure::parse(match.version, text(message.structure), text(message.definition));
      if (!own) return fail(ErrorCode::corrupt, fmt::format("message `{}`: {}", text(message.name), own.error().what));
      local_structures_.push_back(*own);
      structure = (*own)->structure();
    } else if (match.version) {
      structure = match.version.structure(text(message.structure));
    }
    if (!match.exact || !structure) {
      return fail(ErrorCode::version, fmt::format("message `{}`: this program does not know hl7 {} {}", text(message.name),
                                                  text(message.version), text(message.structure)));
    }
    hl7::SiteRules rules;
    for (const plan::LocalSegment& segment : message.segments) {
      const bool placed = segment.after == plan::kNoNode && structure.is_local();  // the structure says where
      if (!placed && segment.after >= structure.node_count())
        return fail(ErrorCode::corrupt, "a local segment follows no segment");
      hl7::LocalSegmentDefinition definition;
      definition.place.name = text(segment.name);
      if (!placed) definition.place.after = structure.node(segment.after).name();
      definition.place.required = segment.required && !placed;
      definition.place.repeats = segment.repeats;
      for (Id i = 0; i < segment.fields.count; ++i) {
        const plan::LocalField& field = plan_.local_fields[segment.fields.first + i];
        definition.fields.push_back({field.number, std::string(text(field.name)), std::string(text(field.type)), field.length,
                                     field.required, field.repeats});
      }
      rules.segments.push_back(std::move(definition));
    }
    for (const plan::TableExtension& table : message.tables) {
      if (table.closed) rules.closed.push_back(table.table);
      for (const Id code : list(table.codes)) rules.codes.emplace_back(table.table, std::string(text(code)));
    }
    for (const plan::Cardinality& cardinality : message.cardinalities) {
      if (cardinality.node >= structure.node_count()) return fail(ErrorCode::corrupt, "a cardinality is about no node");
      if (cardinality.max == 1) rules.once.push_back(cardinality.node);
    }
    if (message.from_version != message.version) rules.oldest_version = text(message.from_version);
    shapes_.emplace_back(message, structure);
    validators_.push_back(std::make_unique<hl7::Validator>(match.version, structure, std::move(rules)));
  }
  return {};
}

Result<void> Bound::bind_charsets() {
  for (const plan::Source& source : plan_.sources) {
    TRY(const auto given, charset_option(source.options, text(source.name)));
    source_charsets_.push_back(given ? given->to : hl7::Charset::utf8);
  }
  for (const plan::Destination& destination : plan_.destinations) {
    TRY(auto given, charset_option(destination.options, text(destination.name)));
    conversions_.push_back(std::move(given));
  }
  return {};
}

/// Nothing if the option is not given.
Result<std::optional<Bound::Conversion>> Bound::charset_option(const std::vector<plan::OptionValue>& options,
                                                               std::string_view owner) const {
  const auto given =
      std::ranges::find_if(options, [&](const plan::OptionValue& option) { return text(option.name) == "charset"; });
  if (given == options.end()) return std::nullopt;
  const std::string name = option_text(*given);
  const auto found = hl7::find_charset(name);
  if (!found || !hl7::can_carry_messages(*found))
    return fail(ErrorCode::invalid,
                fmt::format("`{}`: \"{}\" is no character set that messages can be carried in", owner, name));
  if (!hl7::is_available(*found))
    return fail(ErrorCode::not_found,
                fmt::format("`{}`: the C library of this machine does not have the character set \"{}\"", owner, name));
  return Conversion{*found, std::string(hl7::name_of(*found))};
}

void Bound::bind_required(Id message, Id made, plan::Range body) {
  for (const Id id : list(body)) {
    const plan::Statement& statement = plan_.statements[id];
    bind_required(message, made, statement.body);
    bind_required(message, made, statement.otherwise);
    if (statement.op == plan::StatementOp::assign || statement.op == plan::StatementOp::copy)
      target_required_[id] = is_required(statement.made ? made : message, plan_.paths[statement.target]);
  }
}

bool Bound::is_required(Id message, const plan::Path& target) const {
  bool required = false;
  if (const hl7::Segment segment = validators_[message]->version().segment(text(target.segment.name)); segment) {
    if (const hl7::Field field = segment.field(std::size_t{target.field}); field) {
      required = field.required() && target.component <= 1;
      if (const hl7::Datatype type = field.datatype(); target.component > 0 && type && type.is_composite()) {
        const hl7::Component component = type.component(std::size_t{target.component});
        required = required || (component && component.required());
      }
    }
  }
  for (const plan::Rule& rule : plan_.messages[message].rules) {
    if (rule.kind != plan::RuleKind::require) continue;
    const plan::Path& path = plan_.paths[rule.path];
    required = required || (path.segment.name == target.segment.name && path.field == target.field &&
                            path.component == target.component && path.subcomponent == target.subcomponent);
  }
  return required;
}

bool Bound::matches(Id pattern, std::string_view value) const {
  return RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *patterns_.find(pattern)->second);
}

std::string Bound::constant_text(Id id) const {
  const plan::Expr& expr = plan_.exprs[id];
  switch (expr.op) {
    case plan::ExprOp::text:
    case plan::ExprOp::number: return std::string(text(expr.a));
    case plan::ExprOp::boolean: return expr.a != 0 ? "true" : "false";
    case plan::ExprOp::setting: {
      const std::string& value = settings_[expr.a];
      const std::string_view type = text(plan_.settings[expr.a].type);
      if (type == "duration") return in_units(value, kDurations).value_or(value);
      if (type == "size") return in_units(value, kSizes).value_or(value);
      return value;
    }
    case plan::ExprOp::concat: {
      std::string all;
      for (const Id part : list(expr.list)) all += constant_text(part);
      return all;
    }
    default: return {};
  }
}

std::string Bound::option_text(const plan::OptionValue& option) const {
  if (option.value != kNone) return constant_text(option.value);
  if (option.file != kNone) return std::string(text(option.file));
  return {};
}

std::vector<std::string> secrets_of_redactions(const plan::Plan& plan) {
  std::vector<std::string> names;
  for (const plan::Step& step : plan.steps) {
    if (step.op != plan::StepOp::redact || step.a >= plan.redactions.size()) continue;
    for (const plan::RedactionItem& item : plan.redactions[step.a].items) {
      if (item.secret != kNone && item.secret < plan.secrets.size()) names.push_back(plan.text(plan.secrets[item.secret]));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<std::shared_ptr<const BoundPlan>> bind(plan::Plan plan, const Sha256& digest, Bindings bindings) {
  auto bound = std::make_shared<Bound>(std::move(plan), digest, bindings.hash_key);
  TRY_VOID(bound->prepare(bindings));
  return std::shared_ptr<const BoundPlan>(std::move(bound));
}

}  // namespace smarthl7::eval

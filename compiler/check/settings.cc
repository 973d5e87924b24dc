// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/settings.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "compiler/check/options.h"
#include "compiler/check/values.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::check {
namespace {

using diag::Code;

struct SettingType {
  std::string_view name;
  TypeKind kind;
  std::string_view due;  // "takes ..."
};
constexpr std::array<SettingType, 8> kTypes = {{
    {"text", TypeKind::text, "a text in quotes"},
    {"number", TypeKind::number, "a number"},
    {"bool", TypeKind::boolean, "`true` or `false`"},
    {"duration", TypeKind::duration, "a duration, as in `30s`"},
    {"size", TypeKind::size, "a size, as in `64MiB`"},
    {"port", TypeKind::port, "a number from 0 to 65535"},
    {"url", TypeKind::url, "a URL in quotes, as in \"https://host/path\""},
    {"address", TypeKind::address, "host and port in quotes, as in \"hl7.example:2575\""},
}};

const SettingType* type_named(std::string_view name) {
  for (const SettingType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (dot == std::string_view::npos) return digits(text);
  return digits(text.substr(0, dot)) && digits(text.substr(dot + 1));
}

/// The literal has the form of the type; a text in quotes is a text, a number a number.
bool form_fits(TypeKind kind, const syntax::Expr& value) {
  switch (kind) {
    case TypeKind::text:
    case TypeKind::url:
    case TypeKind::address: {
      const auto* text = value.try_as<syntax::StringExpr>();
      return text != nullptr && text->is_literal();
    }
    case TypeKind::number:
    case TypeKind::port: return value.kind == syntax::ExprKind::number || value.kind == syntax::ExprKind::negation;
    case TypeKind::boolean: return value.kind == syntax::ExprKind::boolean;
    case TypeKind::duration:
    case TypeKind::size: return value.kind == syntax::ExprKind::unit;
    default: return false;
  }
}

/// The value as text if it fits; else reported.
std::optional<std::string> value_of(Context& context, const SettingInfo& setting, const syntax::Expr& value) {
  if (value.poisoned || value.kind == syntax::ExprKind::error || setting.type.kind == TypeKind::error) return std::nullopt;
  const SettingType* type = type_named(setting.type_name);
  if (form_fits(setting.type.kind, value)) {
    const auto text = text_with(value, {});
    if (text && fits_setting(setting.type_name, *text)) return text;
  }
  const std::string_view name = setting.declaration->name->text;
  diag::Diagnostic diagnostic{
      .code = Code::E0480,
      .span = value.span,
      .message = fmt::format("`{}` is {} {}, which is {}, not `{}`", name, setting.type_name.starts_with('a') ? "an" : "a",
                             setting.type_name, type->due, context.text(value.span))};
  context.sink.report(std::move(diagnostic));
  return std::nullopt;
}

void declare(Context& context, const syntax::SettingDecl& declaration) {
  SettingInfo setting;
  setting.declaration = &declaration;
  if (declaration.type != nullptr && declaration.type->name != nullptr && !declaration.type->poisoned) {
    const std::string_view name = declaration.type->name->text;
    if (const SettingType* type = type_named(name)) {
      setting.type.kind = type->kind;
      setting.type_name = name;
    } else {
      std::vector<std::string_view> known;
      for (const SettingType& other : kTypes) known.push_back(other.name);
      diag::Diagnostic diagnostic{.code = Code::E0481,
                                  .span = declaration.type->name->span,
                                  .message = fmt::format("a setting cannot be of type `{}`", name)};
      if (const auto near = diag::suggest(name, known)) {
        diagnostic.help = fmt::format("did you mean `{}`?", *near);
        diagnostic.fixes.push_back(diag::replace(declaration.type->name->span, std::string(*near)));
      } else {
        diagnostic.help = fmt::format("the types are {}", fmt::join(known, ", "));
      }
      context.sink.report(std::move(diagnostic));
    }
  }
  if (declaration.value != nullptr) setting.value = value_of(context, setting, *declaration.value);
  context.settings.emplace(declaration.name->text, std::move(setting));
}

void check_environment(Context& context, const syntax::EnvironmentDecl& environment) {
  std::set<std::string_view> given;
  for (const syntax::SettingValue* value : environment.values) {
    if (value->setting == nullptr || value->value == nullptr) continue;
    const std::string_view name = value->setting->text;
    if (!given.insert(name).second) {
      context.sink.report(Code::E0704, value->setting->span,
                          fmt::format("`{}` gives `{}` twice", environment.name->text, name));
    }
    const auto at = context.settings.find(name);
    if (at != context.settings.end()) static_cast<void>(value_of(context, at->second, *value->value));
  }
  if (environment.poisoned) return;
  for (const auto& [name, setting] : context.settings) {
    const bool has_default = setting.declaration->value != nullptr || setting.declaration->poisoned;
    if (has_default || given.contains(name)) continue;
    context.sink.report(
        {.code = Code::E0482,
         .span = environment.name->span,
         .message = fmt::format("the environment `{}` does not give `{}`, which has no default", environment.name->text, name),
         .secondary = {{setting.declaration->name->span, "declared without a value"}},
         .help = fmt::format("add `{} = ...` to `{}`, or a default to the setting", name, environment.name->text)});
  }
}

}  // namespace

bool fits_setting(std::string_view type, std::string_view text) {
  const auto unit = [text](bool known_unit(std::string_view)) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    return whole_number(text.substr(0, digits)).has_value() && known_unit(text.substr(digits));
  };
  if (type == "text") return true;
  if (type == "number") return is_decimal(text);
  if (type == "bool") return text == "true" || text == "false";
  if (type == "duration") return unit(is_duration_unit);
  if (type == "size") return unit(is_size_unit);
  if (type == "port") return whole_number(text).value_or(65536) <= 65535;
  if (type == "url") return is_url(text);
  if (type == "address") return is_address(text);
  return false;
}

void check_settings(Context& context) {
  for (const syntax::SettingDecl* declaration : context.project.all<syntax::SettingDecl>()) declare(context, *declaration);
  for (const syntax::EnvironmentDecl* environment : context.project.all<syntax::EnvironmentDecl>()) {
    if (context.environment.empty() || environment->name->text == context.environment) check_environment(context, *environment);
  }
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/options.h"

#include <fmt/format.h>

#include "compiler/check/values.h"

namespace smarthl7::check {

using diag::Code;
using syntax::Expr;
using syntax::ExprKind;

void report_kind(Context& context, Code code, source::Span span, std::string_view name, std::string_view due,
                 std::string_view help) {
  context.sink.report(code, span, fmt::format("`{}` takes {}, not `{}`", name, due, context.text(span)), std::string(help));
}

void report_kind(Context& context, source::Span span, std::string_view name, std::string_view due, std::string_view example) {
  report_kind(context, Code::E0702, span, name, due, example.empty() ? "" : fmt::format("write it as in `{}`", example));
}

const Expr* single_value(Context& context, const syntax::Option& option, std::string_view example) {
  if (option.poisoned || option.name == nullptr) return nullptr;
  if (option.block != nullptr || option.nested != nullptr) {
    context.sink.report(Code::E0702, option.name->span, fmt::format("`{}` takes a value", option.name->text),
                        example.empty() ? "" : fmt::format("write it as in `{}`", example));
    return nullptr;
  }
  if (option.values.empty()) return nullptr;
  if (option.values.size() > 1) {
    context.sink.report(Code::E0702, option.values[1]->span, fmt::format("`{}` takes one value", option.name->text),
                        example.empty() ? "" : fmt::format("write it as in `{}`", example));
    return nullptr;
  }
  const Expr* value = option.values.front();
  return value->poisoned || value->kind == ExprKind::error ? nullptr : value;
}

std::optional<std::uint64_t> read_duration(Context& context, std::string_view name, const Expr& value,
                                           std::string_view example) {
  if (const auto* unit = value.try_as<syntax::UnitExpr>()) {
    if (const auto micros = duration_micros(*unit)) return micros;
  }
  report_kind(context, value.span, name, "a duration (ms, s, m, h, d)", example);
  return std::nullopt;
}

std::optional<std::uint64_t> read_size(Context& context, std::string_view name, const Expr& value, std::string_view example) {
  if (const auto* unit = value.try_as<syntax::UnitExpr>()) {
    if (const auto bytes = size_bytes(*unit)) return bytes;
  }
  report_kind(context, value.span, name, "a size (B, KiB, MiB, GiB)", example);
  return std::nullopt;
}

std::optional<std::uint64_t> read_number(Context& context, std::string_view name, const Expr& value, std::uint64_t least,
                                         std::uint64_t most, std::string_view example) {
  if (const auto* number = value.try_as<syntax::NumberExpr>()) {
    const auto whole = whole_number(number->text);
    if (whole && *whole >= least && *whole <= most) return whole;
  }
  report_kind(context, value.span, name, fmt::format("a whole number from {} to {}", least, most), example);
  return std::nullopt;
}

std::optional<std::string_view> read_literal(Context& context, std::string_view what, const Expr& value) {
  if (value.poisoned) return std::nullopt;
  const auto* text = value.try_as<syntax::StringExpr>();
  if (text == nullptr) {
    context.sink.report(Code::E0702, value.span,
                        fmt::format("{} is a text in quotes, not `{}`", what, context.text(value.span)));
    return std::nullopt;
  }
  if (!text->is_literal()) {
    context.sink.report(Code::E0483, value.span, fmt::format("{} is a plain text: nothing is put into it", what));
    return std::nullopt;
  }
  return text->text();
}

const SettingInfo* setting_of(Context& context, const Expr& value) {
  const auto* word = value.try_as<syntax::NameExpr>();
  if (word == nullptr) return nullptr;
  const auto at = context.settings.find(word->text);
  if (at == context.settings.end()) return nullptr;
  context.facts.use(at->first);
  return &at->second;
}

bool check_option_text(Context& context, const syntax::StringExpr& text) {
  bool good = true;
  for (const syntax::StringPart& part : text.parts) {
    if (part.value == nullptr) continue;
    if (part.value->poisoned || part.value->kind == ExprKind::error) {
      good = false;
      continue;
    }
    if (setting_of(context, *part.value) != nullptr) continue;
    good = false;
    const auto* word = part.value->try_as<syntax::NameExpr>();
    if (word != nullptr) {
      resolve::lookup(context.project, word->text, word->span, {syntax::DeclKind::setting}, context.sink);
      continue;
    }
    context.sink.report(Code::E0483, part.value->span, fmt::format("`{}` is not a setting", context.text(part.value->span)),
                        "only settings can be put into the text of an option: they are known before the first message comes");
  }
  return good;
}

std::map<std::string_view, std::string> setting_values(const Context& context, std::string_view environment) {
  std::map<std::string_view, std::string> values;
  for (const auto& [name, setting] : context.settings) {
    if (setting.value) values[name] = *setting.value;
  }
  const resolve::Entry* entry = environment.empty() ? nullptr : context.project.find(environment);
  if (entry == nullptr || entry->poisoned) return values;
  const auto* declaration = entry->declaration->try_as<syntax::EnvironmentDecl>();
  if (declaration == nullptr) return values;
  for (const syntax::SettingValue* value : declaration->values) {
    if (value->setting == nullptr || value->value == nullptr) continue;
    if (auto text = text_with(*value->value, {})) values[value->setting->text] = *text;
  }
  return values;
}

std::optional<std::string> text_with(const Expr& value, const std::map<std::string_view, std::string>& settings) {
  switch (value.kind) {
    case ExprKind::string: {
      std::string text;
      for (const syntax::StringPart& part : value.as<syntax::StringExpr>().parts) {
        if (part.value == nullptr) {
          text += part.text;
          continue;
        }
        const auto inner = text_with(*part.value, settings);
        if (!inner) return std::nullopt;
        text += *inner;
      }
      return text;
    }
    case ExprKind::number: return std::string(value.as<syntax::NumberExpr>().text);
    case ExprKind::unit:
      return std::string(value.as<syntax::UnitExpr>().number) + std::string(value.as<syntax::UnitExpr>().unit);
    case ExprKind::boolean: return value.as<syntax::BoolExpr>().value ? "true" : "false";
    case ExprKind::name: {
      const auto at = settings.find(value.as<syntax::NameExpr>().text);
      if (at == settings.end()) return std::nullopt;
      return at->second;
    }
    default: return std::nullopt;
  }
}

}  // namespace smarthl7::check

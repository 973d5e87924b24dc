// SPDX-License-Identifier: Apache-2.0
// Reading the values of options and settings: each function gives the value or reports what is due instead.
// Settings may stand for values of their type, and alone are interpolated in texts. One thread; nothing throws.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/check/context.h"

namespace smarthl7::check {

/// The only value of an option; reports more than one, or a block where a value is due. Null: reported, or poisoned.
const syntax::Expr* single_value(Context& context, const syntax::Option& option, std::string_view example);

/// A literal duration in microseconds, or a size in bytes; reports anything else.
std::optional<std::uint64_t> read_duration(Context& context, std::string_view name, const syntax::Expr& value,
                                           std::string_view example);
std::optional<std::uint64_t> read_size(Context& context, std::string_view name, const syntax::Expr& value,
                                       std::string_view example);
std::optional<std::uint64_t> read_number(Context& context, std::string_view name, const syntax::Expr& value,
                                         std::uint64_t least, std::uint64_t most, std::string_view example);

/// A text that is a literal: no interpolation. What it names is said by `what` ("a file name").
std::optional<std::string_view> read_literal(Context& context, std::string_view what, const syntax::Expr& value);

/// The setting that a word names, if it is one; counts as used.
const SettingInfo* setting_of(Context& context, const syntax::Expr& value);

/// Every interpolated part of a text must be a setting; false if one was reported.
bool check_option_text(Context& context, const syntax::StringExpr& text);

/// Values of settings by name, as an environment has them; the defaults for the empty name. Settings without a value are not
/// there.
std::map<std::string_view, std::string> setting_values(const Context& context, std::string_view environment);

/// The text of an option with these values put in; nothing if a setting has none.
std::optional<std::string> text_with(const syntax::Expr& value, const std::map<std::string_view, std::string>& settings);

/// Reports E0702: what the option takes, what stands there.
void report_kind(Context& context, source::Span span, std::string_view name, std::string_view due, std::string_view example);

/// The same, with the code of the caller.
void report_kind(Context& context, diag::Code code, source::Span span, std::string_view name, std::string_view due,
                 std::string_view help);

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
// For tests: calls a function with arguments of its types that nobody would think of, and says which promise of function.h it
// broke: the declared type, failing and absence only where declared, the same again for the same, text that stays text, bounds.
// The choices come from the caller (random numbers, a fuzzer's bytes). One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/function.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins::testing {

/// A number from 0 to n - 1.
using Pick = std::function<std::size_t(std::size_t n)>;

inline constexpr std::array<std::string_view, 44> kTexts = {"",
                                                            " ",
                                                            "A",
                                                            "0",
                                                            "-",
                                                            "\\",
                                                            "'",
                                                            "O'Brien-Łódź",
                                                            "Smith, Anna Maria Jr.",
                                                            "van der Berg",
                                                            "12.50",
                                                            "-0.004",
                                                            "+007.50",
                                                            "99999999999999999999999999999999999999",
                                                            ".5",
                                                            "1.234.567,80",
                                                            "<= 5",
                                                            "20261123",
                                                            "202611231015+0100",
                                                            "2026-11-23T10:15:00Z",
                                                            "10:15",
                                                            "60",
                                                            "\xFC\xE2\x82",
                                                            "\xF0\x9F\x98\x80",
                                                            "\xED\xA0\x80",
                                                            "a\xCC\x88",
                                                            "ÄÖÜßæøÞ",
                                                            "mg/dL",
                                                            "[degF]",
                                                            "10*3/uL",
                                                            "K/uL",
                                                            "F",
                                                            "0001",
                                                            "M10",
                                                            "Europe/Berlin",
                                                            "yyyy-MM-dd HH:mm:ss",
                                                            "h:mm a",
                                                            "MM/dd/yyyy",
                                                            "second",
                                                            "day",
                                                            "US",
                                                            "DEU",
                                                            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                                                            "2.25.329800735698586629295641978511506172918"};

inline constexpr std::array<std::string_view, 14> kNumbers = {"0",
                                                              "1",
                                                              "-1",
                                                              "2",
                                                              "3",
                                                              "0.5",
                                                              "-2.345",
                                                              "12345.678",
                                                              "1000",
                                                              "70000",
                                                              "-99999999999999999999",
                                                              "0.00000000000000000000000000000000000001",
                                                              "99999999999999999999999999999999999999",
                                                              "-99999999999999999999999999999999999999"};

inline std::string any_text(const Pick& pick) {
  std::string text(kTexts[pick(kTexts.size())]);
  switch (pick(8)) {
    case 0: return text + std::string(kTexts[pick(kTexts.size())]);
    case 1: return std::string(pick(300), 'x') + text;
    case 2: {
      text.clear();
      for (std::size_t count = pick(12); count > 0; --count) text += static_cast<char>(pick(256));
      return text;
    }
    default: return text;
  }
}

inline Moment any_moment(MomentKind kind, const Pick& pick) {
  const auto coarsest = static_cast<std::size_t>(kind == MomentKind::time ? Precision::hour : Precision::year);
  const auto finest = static_cast<std::size_t>(kind == MomentKind::date ? Precision::day : Precision::ten_thousandth);
  const std::int64_t days = kind == MomentKind::time ? 0 : static_cast<std::int64_t>(pick(3'652'425));
  const std::int64_t clock = kind == MomentKind::date ? 0 : static_cast<std::int64_t>(pick(kTicksPerDay));
  const auto precision = static_cast<Precision>(coarsest + pick(finest - coarsest + 1));
  const auto offset = kind == MomentKind::date || pick(2) == 0
                          ? Moment::kNoOffset
                          : static_cast<std::int16_t>(static_cast<int>(pick(28 * 60 + 1)) - 14 * 60);
  return moment_at(kind, days * kTicksPerDay + clock, precision, offset).value_or(Moment{});
}

inline Value any_value(Type type, const Pick& pick, Arena& arena) {
  switch (type) {
    case Type::text: return Value::of(arena.copy(any_text(pick)));
    case Type::number: return Value::of(Decimal::parse(kNumbers[pick(kNumbers.size())]).value_or(Decimal{}));
    case Type::boolean: return Value::of(pick(2) == 0);
    case Type::date: return Value::date(any_moment(MomentKind::date, pick));
    case Type::time: return Value::time(any_moment(MomentKind::time, pick));
    case Type::timestamp: return Value::timestamp(any_moment(MomentKind::timestamp, pick));
    case Type::duration: return Value::duration(static_cast<std::int64_t>(pick(1U << 30U)) * 1000);
    case Type::size: return Value::size(static_cast<std::int64_t>(pick(1U << 30U)));
    case Type::moment: {
      constexpr std::array kMoments = {Type::date, Type::time, Type::timestamp};
      return any_value(kMoments[pick(kMoments.size())], pick, arena);
    }
    case Type::text_or_moment: return any_value(pick(2) == 0 ? Type::text : Type::moment, pick, arena);
    case Type::any:
    case Type::same: break;
  }
  return any_value(static_cast<Type>(pick(static_cast<std::size_t>(Type::size) + 1)), pick, arena);
}

/// nullopt: no text that we know of is right for the parameter.
inline bool any_argument(const Parameter& parameter, const Pick& pick, Arena& arena, Value& argument) {
  if (parameter.constant && parameter.valid != nullptr) {
    std::vector<std::string_view> right;
    for (const std::string_view text : kTexts) {
      if (parameter.valid(text)) right.push_back(text);
    }
    if (right.empty()) return false;
    argument = Value::of(right[pick(right.size())]);
    return true;
  }
  if (!parameter.list) {
    argument = any_value(parameter.type, pick, arena);
    return true;
  }
  // The items of a list are of one type.
  const Type type = parameter.type == Type::any ? type_of(any_value(Type::any, pick, arena)) : parameter.type;
  const std::span<Value> items = arena.take_values(pick(6));
  for (Value& item : items) item = any_value(type, pick, arena);
  argument = Value::list(items);
  return true;
}

inline bool is_declared(const Function& function, const std::vector<Value>& arguments, const Value& result) {
  if (function.result_list) return result.kind == Kind::list;
  if (result.kind == Kind::list) return false;
  if (function.result != Type::same) return type_of(result) == function.result;
  const Value& first = arguments.front();
  return first.kind == Kind::list ? type_of(result) == type_of(first.list().front()) : result.kind == first.kind;
}

/// Empty if all promises were kept; else which was not.
inline std::string break_promise(const Function& function, const Pick& pick, Arena& arena) {
  std::vector<Value> arguments;
  bool clean = true;
  std::size_t given = 0;
  const std::size_t least = function.least();
  std::size_t count = least + pick(function.parameters.size() - least + 1);
  if (function.repeats && count == function.parameters.size()) count += pick(3);
  for (std::size_t i = 0; i < count; ++i) {
    Value argument;
    if (!any_argument(function.parameter(i), pick, arena, argument)) return "takes a literal that these tests do not have";
    const std::string_view text = text_of(argument, arena);
    clean = clean && is_utf8(text);
    given += text.size();
    arguments.push_back(argument);
  }
  Value result;
  if (!function.apply(arguments, arena, result)) return function.can_fail.empty() ? "fails and does not say that it can" : "";
  if (result.absent()) return function.can_be_absent.empty() ? "gives nothing and does not say that it can" : "";
  if (!is_declared(function, arguments, result)) return "gives another type than it says";
  const std::string_view text = text_of(result, arena);
  if (clean && !is_utf8(text)) return "makes bytes that are no text";
  if (text.size() > kMostText + 4 * given) return "makes too much text";
  if (function.states && result.moment.precision != *function.states) return "gives another precision than it says";
  if (function.offset == Offset::always && !result.moment.has_offset()) return "gives no offset";
  if (function.offset == Offset::never && result.moment.has_offset()) return "gives an offset";
  if (function.digits > 0 &&
      (result.number.scale() > 0 || text.size() > function.digits + (result.number.negative() ? 1U : 0U)))
    return "gives more digits than it says";
  Value again;
  if (!function.apply(arguments, arena, again) || text_of(again, arena) != text) return "gives something else the second time";
  return "";
}

}  // namespace smarthl7::builtins::testing

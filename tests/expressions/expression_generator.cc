// SPDX-License-Identifier: Apache-2.0
#include "tests/expressions/expression_generator.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/moment.h"

namespace smarthl7::testing {

using builtins::Type;

namespace {

constexpr std::array<std::string_view, 34> kPaths = {"PID-1",           "PID-3[1].1",
                                                     "PID-3[last].5",   "PID-3[1].4.1",
                                                     "PID-5[1].1.1",    "PID-5[1].2",
                                                     "PID-7",           "PID-8",
                                                     "PID-10[1].1",     "PID-18.1",
                                                     "PID-19",          "PID-23",
                                                     "PID-24",          "PID-25",
                                                     "PID-29",          "PID-30",
                                                     "PID-33",          "PID.birth_order",
                                                     "MSH-7",           "MSH-10",
                                                     "MSH-11.1",        "MSH-12.1",
                                                     "MSH-18[1]",       "EVN-2",
                                                     "EVN-6",           "PV1-2",
                                                     "PV1-44",          "PV1-36",
                                                     "PV1-47",          "PID-13[1].1",
                                                     "raw PID-5[1]",    "raw MSH-9",
                                                     "NK1[1]-2[1].1.1", "PID-3[.5 == \"MR\"].1"};
constexpr std::array<std::string_view, 8> kLists = {"PID-3[*].1",  "PID-3[*].5", "PID-5[*].1.1", "PID-10[*].1",
                                                    "PID-13[*].1", "NK1[*]-1",   "PID-21[*].1",  "PID-3[*]"};
constexpr std::array<std::string_view, 12> kTexts = {
    R"("")",     R"("MR")", R"("A")", R"("12.50")",        R"("-3")",   R"("20260131")", R"("202601311015")",
    R"("1015")", R"("W1")", R"("F")", R"("Müller, Anna")", R"("mg/dL")"};
constexpr std::array<std::string_view, 10> kNumbers = {
    "0", "1", "2.50", "7", "0.001", "100", "99999999999999999999", "38", "0.5", "12345678901234567890123456789012345678"};
constexpr std::array<std::string_view, 7> kDurations = {"30s", "1d", "7d", "90m", "1h", "500ms", "36500d"};
constexpr std::array<std::string_view, 6> kDates = {"2026-01-31", "20240229", "2026", "202611", "0001-01-01", "9999-12-31"};
constexpr std::array<std::string_view, 4> kTimes = {"10:15", "101530.25", "23", "10:15+01:00"};
constexpr std::array<std::string_view, 5> kTimestamps = {"2026-01-31T10:15", "20260131101530.1234-0500", "20260131", "2026",
                                                         "2026-01-31T10:15:00Z"};
constexpr std::array kSimple = {Type::text, Type::number,    Type::boolean, Type::date,
                                Type::time, Type::timestamp, Type::duration};

}  // namespace

std::string ExpressionGenerator::path() { return std::string(random_.one_of(kPaths)); }

std::string ExpressionGenerator::any(int depth) {
  if (chance(5)) return list(depth);
  return of(random_.one_of(kSimple), depth);
}

std::string ExpressionGenerator::of(Type type, int depth) {
  if (depth > 0 && chance(35)) {
    for (int tries = 0; tries < 20; ++tries) {
      if (std::string made = call(type, depth - 1); !made.empty()) return made;
    }
  }
  if (depth > 0 && chance(8) && type != Type::boolean)
    return fmt::format("({} or {})", of(type, depth - 1), of(type, depth - 1));
  switch (type) {
    case Type::text: return text(depth);
    case Type::number: return number(depth);
    case Type::boolean: return condition(depth);
    case Type::date:
    case Type::time:
    case Type::timestamp: return moment(type, depth);
    case Type::duration: return duration(depth);
    case Type::size: return "64MiB";
    case Type::moment: return of(std::array{Type::date, Type::time, Type::timestamp}[random_.below(3)], depth);
    case Type::text_or_moment: return chance(60) ? text(depth) : of(Type::moment, depth);
    case Type::any:
    case Type::same: break;
  }
  return of(random_.one_of(kSimple), depth);
}

std::string ExpressionGenerator::list(int depth) {
  if (depth > 0 && chance(30)) {
    for (int tries = 0; tries < 40; ++tries) {
      const builtins::Function& function = *random_.one_of(builtins::all_functions());
      if (function.result_list) return call_of(function, depth - 1);
    }
  }
  return std::string(random_.one_of(kLists));
}

std::string ExpressionGenerator::text(int depth) {
  if (depth == 0 || chance(40)) return chance(70) ? path() : std::string(random_.one_of(kTexts));
  switch (random_.below(7)) {
    case 0: return fmt::format("\"{{{}}}-{{{}}}\"", any(depth - 1), text(depth - 1));
    case 1: return fmt::format("wards[{}]", text(depth - 1));
    case 2: return fmt::format("tests[{}, {}].unit", text(depth - 1), text(depth - 1));
    case 3: return fmt::format("code({}, 0001)", text(depth - 1));
    case 4: return fmt::format("code({}, wards)", text(depth - 1));
    case 5: return chance(50) ? "site" : "portal";
    default: return fmt::format("text({})", any(depth - 1));
  }
}

std::string ExpressionGenerator::number(int depth) {
  if (depth == 0) return chance(50) ? std::string(random_.one_of(kNumbers)) : fmt::format("number({})", path());
  switch (random_.below(8)) {
    case 0: return std::string(random_.one_of(kNumbers));
    case 1: return "limit";
    case 2: return fmt::format("number({})", text(depth - 1));
    case 3: return fmt::format("length({})", text(depth - 1));
    case 4: return fmt::format("({} / {})", duration(depth - 1), duration(depth - 1));
    default:
      return fmt::format("({} {} {})", number(depth - 1), std::array{"+", "-", "*", "/"}[random_.below(4)], number(depth - 1));
  }
}

std::string ExpressionGenerator::moment(Type type, int depth) {
  const std::string_view name = builtins::name_of(type);
  const std::string precision = chance(50) ? fmt::format(", \"{}\"", random_.one_of(builtins::kPrecisionNames)) : std::string();
  if (depth > 0 && chance(35))
    return fmt::format("({} {} {})", moment(type, depth - 1), chance(50) ? "+" : "-", duration(depth - 1));
  if (depth > 0 && chance(30)) return fmt::format("{}({}{})", name, of(Type::text_or_moment, depth - 1), precision);
  if (chance(50)) {
    const std::string_view literal = type == Type::date   ? random_.one_of(kDates)
                                     : type == Type::time ? random_.one_of(kTimes)
                                                          : random_.one_of(kTimestamps);
    return fmt::format("{}(\"{}\")", name, literal);
  }
  constexpr std::array<std::string_view, 7> kDated = {"PID-7", "PID-29", "PID-33", "MSH-7", "EVN-2", "EVN-6", "PV1-44"};
  return fmt::format("{}({}{})", name, random_.one_of(kDated), precision);
}

std::string ExpressionGenerator::duration(int depth) {
  if (depth == 0 || chance(30)) return chance(20) ? "window" : std::string(random_.one_of(kDurations));
  switch (random_.below(4)) {
    case 0: return fmt::format("({} {} {})", duration(depth - 1), chance(50) ? "+" : "-", duration(depth - 1));
    case 1: return fmt::format("({} {} {})", duration(depth - 1), chance(50) ? "*" : "/", number(depth - 1));
    default: {
      const Type type = std::array{Type::date, Type::time, Type::timestamp}[random_.below(3)];
      return fmt::format("({} - {})", moment(type, depth - 1), moment(type, depth - 1));
    }
  }
}

std::string ExpressionGenerator::comparison(int depth) {
  const Type type = random_.one_of(kSimple);
  const bool equality = type == Type::text || type == Type::boolean || chance(40);
  const char* const op = equality ? (chance(50) ? "==" : "!=") : std::array{"<", "<=", ">", ">="}[random_.below(4)];
  return fmt::format("({} {} {})", of(type, depth - 1), op, of(type, depth - 1));
}

std::string ExpressionGenerator::condition(int depth) {
  if (depth == 0) return fmt::format("({} {})", random_.one_of(kLists), chance(50) ? "present" : "absent");
  switch (random_.below(10)) {
    case 0: return fmt::format("({} and {})", condition(depth - 1), condition(depth - 1));
    case 1: return fmt::format("({} or {})", condition(depth - 1), condition(depth - 1));
    case 2: return fmt::format("(not {})", condition(depth - 1));
    case 3: return fmt::format("({} in (\"A\", \"MR\", \"F\"))", text(depth - 1));
    case 4: return fmt::format("({} in wards)", text(depth - 1));
    case 5: return fmt::format("({} in {})", text(depth - 1), random_.one_of(kLists));
    case 6: {
      // What a proof says of a value, used behind it.
      const std::string value = path();
      switch (random_.below(4)) {
        case 0: return fmt::format("(is_number({0}) and number({0}) > {1})", value, number(depth - 1));
        case 1: return fmt::format("(is_date({0}, \"day\") and date({0}, \"day\") < date(\"2000-01-01\"))", value);
        case 2:
          return fmt::format(
              "(is_timestamp({0}) and is_timestamp({1}) and comparable(timestamp({0}), timestamp({1})) and "
              "timestamp({0}) < timestamp({1}))",
              value, path());
        default: return fmt::format("({0} in wards and wards[{0}] != \"Two\")", value);
      }
    }
    case 7: return fmt::format("({} matches r\"[A-Z0-9]+\")", text(depth - 1));
    default: return comparison(depth);
  }
}

std::string ExpressionGenerator::argument(const builtins::Parameter& parameter, int depth) {
  if (parameter.constant) {
    if (parameter.type == Type::number) return std::string(random_.one_of(kNumbers));
    if (parameter.valid == nullptr) return std::string(random_.one_of(kTexts));
    constexpr std::array<std::string_view, 12> kKnown = {
        "year", "day", "minute", "second", "Europe/Berlin", "UTC", "yyyy-MM-dd", "YYYY-MM-DD", "0001", "kg", "US", "DE"};
    for (int tries = 0; tries < 60; ++tries) {
      const std::string_view known = random_.one_of(kKnown);
      if (parameter.valid(known)) return fmt::format("\"{}\"", known);
    }
    return "\"\"";
  }
  if (parameter.list) return list(depth);
  return of(parameter.type, depth);
}

std::string ExpressionGenerator::call_of(const builtins::Function& function, int depth) {
  std::size_t count = function.parameters.size();
  if (function.least() < count && chance(50)) count = function.least();
  if (function.repeats && chance(30)) ++count;
  std::string arguments;
  for (std::size_t i = 0; i < count; ++i) arguments += (i > 0 ? ", " : "") + argument(function.parameter(i), depth);
  return fmt::format("{}({})", function.name, arguments);
}

std::string ExpressionGenerator::call(Type type, int depth) {
  const builtins::Function& function = *random_.one_of(builtins::all_functions());
  if (function.result_list) return {};
  if (function.result == type) return call_of(function, depth);
  if (function.result != Type::same || function.parameters.empty()) return {};
  const builtins::Parameter& first = function.parameters.front();
  if (first.list && type != Type::text) return {};
  if (!builtins::accepts(first.type, type)) return {};
  if (first.list) return call_of(function, depth);
  std::string arguments = of(type, depth);
  for (std::size_t i = 1; i < function.parameters.size(); ++i) arguments += ", " + argument(function.parameters[i], depth);
  return fmt::format("{}({})", function.name, arguments);
}

}  // namespace smarthl7::testing

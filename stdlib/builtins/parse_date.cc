// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/pattern.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text},
                                     {.name = "pattern",
                                      .type = Type::text,
                                      .constant = true,
                                      .valid = is_date_pattern,
                                      .expects = "a pattern of dates with a year of four digits, as in `MM/dd/yyyy`"}};
constexpr Example kExamples[] = {
    {R"(parse_date("11/23/2026", "MM/dd/yyyy"))", R"(date 20261123)"},
    {R"(parse_date("3.4.2026", "d.M.yyyy"))", R"(date 20260403)"},
    {R"(parse_date("23-nov-2026", "dd-MMM-yyyy"))", R"(date 20261123)"},
    {R"(parse_date("2026-11", "yyyy-MM"))", R"(date 202611)"},
    {R"(parse_date("31.02.2026", "dd.MM.yyyy"))", R"(fails)"},
    {R"(parse_date("11/23/26", "MM/dd/yyyy"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto moment = read_by_pattern(MomentKind::date, arguments[0].text, arguments[1].text);
  if (!moment) return false;
  result = Value::date(*moment);
  return true;
}

}  // namespace

const Function kParseDate = {
    .name = "parse_date",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::date,
    .can_fail = "the text is not written like that, or names a day or hour that does not exist",
    .doc =
        "The date in a text that is written after the pattern, see below; as precise as the pattern. HL7's form "
        "and ISO 8601 are read by `date`. The year has four digits, for two do not say the century.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .offset = Offset::never,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::text_or_moment}, kPrecisionParameter};
constexpr Example kExamples[] = {
    {R"(date("20261123"))", R"(date 20261123)"},
    {R"(date("2026-11-23"))", R"(date 20261123)"},
    {R"(date("202611231015+0100"))", R"(date 20261123)"},
    {R"(date("20261123", "month"))", R"(date 202611)"},
    {R"(date(timestamp("20261123101500")))", R"(date 20261123)"},
    {R"(date("202611", "day"))", R"(fails)"},
    {R"(date("20261131"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto moment = to_moment(MomentKind::date, arguments);
  if (!moment) return false;
  result = Value::date(*moment);
  return true;
}

}  // namespace

const Function kDate = {
    .name = "date",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::date,
    .can_fail = "the text is no date, or the date is less precise",
    .doc =
        "The date in a text of HL7's form (`20261123`, `202611`) or of ISO 8601 (`2026-11-23`); of a timestamp its date. With "
        "a "
        "precision (\"year\", \"month\", \"day\") the result has that precision, and what is finer is cut off.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .proven_by = "is_date",
    .precision_from = 2,
    .offset = Offset::never,
};

}  // namespace smarthl7::builtins

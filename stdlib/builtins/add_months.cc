// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"date", Type::date}, {"months", Type::number}};
constexpr Example kExamples[] = {
    {R"(add_months(date("20260131"), 1))", R"(date 20260228)"},
    {R"(add_months(date("20261123"), number("-12")))", R"(date 20251123)"},
    {R"(add_months(date("202611"), 3))", R"(date 202702)"},
    {R"(add_months(date("2026"), 12))", R"(fails)"},
    {R"(add_months(date("20261123"), 1.5))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  Moment moment = arguments[0].moment;
  const Decimal& number = arguments[1].number;
  const std::int64_t count = number.to_int64();
  if (moment.precision < Precision::month || Decimal(count) != number || count > 120'000 || count < -120'000) return false;
  const std::int64_t months = moment.year * 12 + (moment.month - 1) + count;
  if (months < 0 || months >= 120'000) return false;
  moment.year = static_cast<std::uint16_t>(months / 12);
  moment.month = static_cast<std::uint8_t>(months % 12 + 1);
  moment.day = std::min(moment.day, static_cast<std::uint8_t>(days_in_month(moment.year, moment.month)));
  result = Value::date(moment);
  return true;
}

}  // namespace

const Function kAddMonths = {
    .name = "add_months",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::date,
    .can_fail = "the date is only a year, the number is not whole, or the result lies outside of the years 0000 to 9999",
    .doc =
        "The date so many whole months later, or earlier if below 0: twelve are a year. Where the month has no "
        "such day, its last one. Days are added with `+ 7d`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .precision_from = 1,
    .offset = Offset::never,
};

}  // namespace smarthl7::builtins

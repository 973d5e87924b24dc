// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::moment}};
constexpr Example kExamples[] = {
    {R"(precision_of(date("202611")))", R"("month")"},
    {R"(precision_of(timestamp("20261123101500.25")))", R"("hundredth")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(name_of(arguments[0].moment.precision));
  return true;
}

}  // namespace

const Function kPrecisionOf = {
    .name = "precision_of",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "How precise the date, time or timestamp is: `year`, `month`, `day`, `hour`, `minute`, `second`, `tenth`, "
        "`hundredth`, `millisecond` or `ten_thousandth`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::text_or_moment}, kPrecisionParameter};
constexpr Example kExamples[] = {
    {R"(is_date("20261123"))", R"(true)"},
    {R"(is_date("202611", "day"))", R"(false)"},
    {R"(is_date("20261131"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(to_moment(MomentKind::date, arguments).has_value());
  return true;
}

}  // namespace

const Function kIsDate = {
    .name = "is_date",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Whether `date` can make a date of the same arguments; where it is true, that call needs no `else`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

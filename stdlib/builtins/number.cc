// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(number("1.50"))", R"(1.50)"}, {R"(number("-0.5"))", R"(-0.5)"}, {R"(number("<5"))", R"(fails)"},
    {R"(number("1,5"))", R"(fails)"}, {R"(number(""))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto number = Decimal::parse(arguments[0].text);
  if (!number) return false;
  result = Value::of(*number);
  return true;
}

}  // namespace

const Function kNumber = {
    .name = "number",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the text is not a number (a sign, digits, a point), or has more than 38 digits",
    .doc = "The text read as an exact number. Its digits stay as they are: `number(\"1.50\")` prints 1.50.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
    .proven_by = "is_number",
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_number("12.5"))", R"(true)"},
    {R"(is_number("<5"))", R"(false)"},
    {R"(is_number(""))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(Decimal::parse(arguments[0].text).has_value());
  return true;
}

}  // namespace

const Function kIsNumber = {
    .name = "is_number",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Can `number` read the text: a sign, digits, a point, up to 38 digits? Where it can, that call needs no "
        "`else`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_nhs_number("943 476 5919"))", R"(true)"},
    {R"(is_nhs_number("9434765919"))", R"(true)"},
    {R"(is_nhs_number("9434765918"))", R"(false)"},
    {R"(is_nhs_number("943476591"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(nhs_digits(arguments[0].text).has_value());
  return true;
}

}  // namespace

const Function kIsNhsNumber = {
    .name = "is_nhs_number",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text an NHS number of England, Wales and the Isle of Man: ten digits, parted 3-3-4 by blanks or "
        "hyphens or not at all, the last the check digit modulo 11 (NHS Data Dictionary, NHS NUMBER)?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

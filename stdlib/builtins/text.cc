// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::any}};
constexpr Example kExamples[] = {
    {R"(text(1.50))", R"("1.50")"}, {R"(text(12))", R"("12")"},     {R"(text(date("2026-11-23")))", R"("20261123")"},
    {R"(text(90m))", R"("90m")"},   {R"(text(true))", R"("true")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  result = Value::of(text_of(arguments[0], arena));
  return true;
}

}  // namespace

const Function kText = {
    .name = "text",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The value as text: the digits of a number as they are, a date or time in HL7's form, `true` or `false`, a duration or "
        "size with "
        "its unit.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

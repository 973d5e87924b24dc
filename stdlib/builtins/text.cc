// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}};
constexpr Example kExamples[] = {
    {R"(text(1.50))", R"("1.50")"},
    {R"(text(12))", R"("12")"},
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
    .doc = "The digits of a number as text.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

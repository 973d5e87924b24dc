// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(length("SMITH"))", R"(5)"},
    {R"(length("Müller"))", R"(6)"},
    {R"(length(""))", R"(0)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(Decimal(static_cast<std::int64_t>(character_count(arguments[0].text))));
  return true;
}

}  // namespace

const Function kLength = {
    .name = "length",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The number of characters. A letter with an accent counts once in UTF-8.",
    .examples = kExamples,
    .apply = apply,
    .digits = 10,
};

}  // namespace smarthl7::builtins

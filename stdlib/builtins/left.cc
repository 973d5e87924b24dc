// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"length", Type::number}};
constexpr Example kExamples[] = {
    {R"(left("20261123", 4))", R"("2026")"},
    {R"(left("AB", 5))", R"("AB")"},
    {R"(left("AB", 0))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(first_of(arguments[0].text, arguments[1].number.to_int64()));
  return true;
}

}  // namespace

const Function kLeft = {
    .name = "left",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The first `length` characters, or the whole text if it is shorter.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

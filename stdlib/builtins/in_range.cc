// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"low", Type::number}, {"high", Type::number}};
constexpr Example kExamples[] = {
    {R"(in_range(5, 1, 5))", R"(true)"},
    {R"(in_range(5.01, 1, 5))", R"(false)"},
    {R"(in_range(0, 1, 5))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Decimal& number = arguments[0].number;
  result = Value::of(arguments[1].number <= number && number <= arguments[2].number);
  return true;
}

}  // namespace

const Function kInRange = {
    .name = "in_range",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Is the number neither below `low` nor above `high`?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"first", Type::number}, {"second", Type::number}};
constexpr Example kExamples[] = {
    {R"(min(3, 2.5))", R"(2.5)"},
    {R"(min(3, 2, 1))", R"(1)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result =
      *std::min_element(arguments.begin(), arguments.end(), [](const Value& a, const Value& b) { return a.number < b.number; });
  return true;
}

}  // namespace

const Function kMin = {
    .name = "min",
    .parameters = kParameters,
    .repeats = true,
    .result = Type::number,
    .can_fail = {},
    .doc = "The smallest of the numbers.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"first", Type::number}, {"second", Type::number}};
constexpr Example kExamples[] = {
    {R"(max(3, 2.5))", R"(3)"},
    {R"(max(1, 2, 30))", R"(30)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result =
      *std::max_element(arguments.begin(), arguments.end(), [](const Value& a, const Value& b) { return a.number < b.number; });
  return true;
}

}  // namespace

const Function kMax = {
    .name = "max",
    .parameters = kParameters,
    .repeats = true,
    .result = Type::number,
    .can_fail = {},
    .doc = "The biggest of the numbers.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

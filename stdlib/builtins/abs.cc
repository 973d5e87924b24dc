// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}};
constexpr Example kExamples[] = {
    {R"(abs(7.50))", R"(7.50)"},
    {R"(abs(0))", R"(0)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(arguments[0].number.absolute());
  return true;
}

}  // namespace

const Function kAbs = {
    .name = "abs",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The number without its sign.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

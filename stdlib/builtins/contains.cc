// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"what", Type::text}};
constexpr Example kExamples[] = {
    {R"(contains("left knee, lateral", "knee"))", R"(true)"},
    {R"(contains("left", "right"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(arguments[0].text.find(arguments[1].text) != std::string_view::npos);
  return true;
}

}  // namespace

const Function kContains = {
    .name = "contains",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Whether `what` stands somewhere in the text, letter by letter.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

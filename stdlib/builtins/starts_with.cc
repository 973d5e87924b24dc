// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"start", Type::text}};
constexpr Example kExamples[] = {
    {R"(starts_with("ORU_R01", "ORU"))", R"(true)"},
    {R"(starts_with("oru", "ORU"))", R"(false)"},
    {R"(starts_with("ORU", ""))", R"(true)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(arguments[0].text.starts_with(arguments[1].text));
  return true;
}

}  // namespace

const Function kStartsWith = {
    .name = "starts_with",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Whether the text begins with `start`, letter by letter.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

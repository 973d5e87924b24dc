// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"end", Type::text}};
constexpr Example kExamples[] = {
    {R"(ends_with("report.pdf", ".pdf"))", R"(true)"},
    {R"(ends_with("pdf", ".pdf"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(arguments[0].text.ends_with(arguments[1].text));
  return true;
}

}  // namespace

const Function kEndsWith = {
    .name = "ends_with",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Whether the text ends with `end`, letter by letter.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

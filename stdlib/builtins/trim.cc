// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(trim("  SMITH "))", R"("SMITH")"},
    {R"(trim("A  B"))", R"("A  B")"},
    {R"(trim("   "))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  std::string_view text = arguments[0].text;
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    text = {};
  } else {
    text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }
  result = Value::of(text);
  return true;
}

}  // namespace

const Function kTrim = {
    .name = "trim",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The text without blanks and tabs at both ends.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(digits("(555) 010-7788"))", R"("5550107788")"},
    {R"(digits("none"))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  char* const out = arena.take(text.size());
  char* const end = std::copy_if(text.begin(), text.end(), out, [](char c) { return c >= '0' && c <= '9'; });
  result = Value::of(std::string_view(out, static_cast<std::size_t>(end - out)));
  return true;
}

}  // namespace

const Function kDigits = {
    .name = "digits",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The digits 0 to 9 of the text, in order; all other characters are left out.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(letters("O'Brien 2nd"))", R"("OBriennd")"},
    {R"(letters("12-3"))", R"("")"},
    {R"(letters("Łódź 4"))", R"("Łódź")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    if (is_letter(code_of(character))) builder.put(character);
    at += character.size();
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kLetters = {
    .name = "letters",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The letters of the text, of any script, in order; all other characters are left out.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(initials("Anna Maria Smith"))", R"("AMS")"},
    {R"(initials("jean-luc Łaski"))", R"("JLŁ")"},
    {R"(initials(""))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    at += character.size();
    if (character == " " || character == "-") {
      first = true;
    } else if (first && is_letter(code_of(character))) {
      char capital[4];
      change_case(character, Case::upper, capital);
      builder.put(std::string_view(capital, character.size()));
      first = false;
    }
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kInitials = {
    .name = "initials",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The first letter of every word as a capital, as `upper` makes it. Words are parted by blanks and hyphens.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

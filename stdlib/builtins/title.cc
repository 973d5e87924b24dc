// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(title("ANNA-MARIA SMITH"))", R"("Anna-Maria Smith")"},
    {R"(title("o'brien"))", R"("O'brien")"},
    {R"(title("ÉMILE ŁÓDŹ"))", R"("Émile Łódź")"},
    {R"(title("4TH FLOOR"))", R"("4th Floor")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  if (text.empty()) {
    result = Value::of(text);
    return true;
  }
  char* const out = arena.take(text.size());
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    const char32_t code = code_of(character);
    change_case(character, first ? Case::upper : Case::lower, out + at);
    first = !is_letter(code) && !(code >= '0' && code <= '9') && code != '\'' && code != 0x2019;
    at += character.size();
  }
  result = Value::of(std::string_view(out, text.size()));
  return true;
}

}  // namespace

const Function kTitle = {
    .name = "title",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The first letter of every word as a capital, the others small, letters as `upper` and `lower` know them. "
        "A word begins at the start and after anything that is no letter, digit, apostrophe or mark.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/facts/latin.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(without_accents("Müller"))", R"("Muller")"},
    {R"(without_accents("José Ñandú"))", R"("Jose Nandu")"},
    {R"(without_accents("Straße"))", R"("Straße")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    const char32_t code = code_of(character);
    const std::string_view plain = without_mark(code);
    if (!is_mark(code)) builder.put(plain.empty() ? character : plain);
    at += character.size();
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kWithoutAccents = {
    .name = "without_accents",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "Latin letters without the marks above, below and through them: `ü` is u, `Ø` is O, `ł` is l. Letters that "
        "are letters of their own (`ß`, `æ`, `þ`) and other scripts stay.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

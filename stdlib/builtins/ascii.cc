// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/facts/latin.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(ascii("Müller"))", R"("Mueller")"}, {R"(ascii("Ærø – José"))", R"("AEroe - Jose")"},
    {R"(ascii("Łódź"))", R"("Lodz")"},      {R"(ascii("25 µg, 1½ h"))", R"("25 ug, 1 1/2 h")"},
    {R"(ascii("李"))", R"("?")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size() * 2);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    const char32_t code = code_of(character);
    if (code < 0x80) {
      builder.put(character);
    } else if (!is_mark(code)) {
      builder.put(ascii_for(code).value_or("?"));
    }
    at += character.size();
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kAscii = {
    .name = "ascii",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text in ASCII: Latin letters as travel documents spell them (`Ä` is AE, `ß` is ss, `Ø` is OE, `Þ` is "
        "TH; other marks are taken off), typographic signs as keys of a keyboard, every other character as `?`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/facts/latin.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(soundex("Robert"))", R"("R163")"},  {R"(soundex("Rupert"))", R"("R163")"}, {R"(soundex("Ashcraft"))", R"("A261")"},
    {R"(soundex("Tymczak"))", R"("T522")"}, {R"(soundex("Müller"))", R"("M460")"}, {R"(soundex("12"))", R"("")"},
};

/// The digit of each letter A to Z; 0: a vowel, which parts equal digits; -: H and W, which do not.
constexpr std::string_view kDigitOf = "01230120022455012623010202";
constexpr bool is_silent(char capital) { return capital == 'H' || capital == 'W'; }

void put_letter(char c, char& before, Builder& builder) {
  const char capital = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (capital < 'A' || capital > 'Z') return;
  const char digit = kDigitOf[static_cast<std::size_t>(capital - 'A')];
  if (builder.size() == 0) {
    builder.put(capital);
    before = digit;
  } else if (!is_silent(capital)) {
    if (digit != '0' && digit != before) builder.put(digit);
    before = digit;
  }
}

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  Builder builder(arena, 4);
  char before = 0;
  std::string_view text = arguments[0].text;
  for (; !text.empty() && builder.left() > 0; text.remove_prefix(character_size(text))) {
    const char32_t code = code_of(text);
    const std::string_view letters = code < 0x80 ? text.substr(0, 1) : ascii_for(code).value_or("");
    for (const char c : letters) put_letter(c, before, builder);
  }
  if (builder.size() > 0) builder.put(std::string_view("000").substr(0, builder.left()));
  result = builder.value();
  return true;
}

}  // namespace

const Function kSoundex = {
    .name = "soundex",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The American Soundex code of a name (US National Archives): its first letter and three digits that names "
        "of like sound share. Marks are taken off first, as `ascii` does; empty if there is no letter.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

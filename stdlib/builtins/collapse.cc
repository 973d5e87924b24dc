// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(collapse("  Anna   Maria "))", R"("Anna Maria")"},
    {R"(collapse("   "))", R"("")"},
};

bool is_blank(std::string_view character) {
  return character == " " || character == "\t" || character == "\r" || character == "\n" || character == "\u00A0";
}

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    at += character.size();
    if (is_blank(character)) {
      blank = true;
      continue;
    }
    if (blank && builder.size() > 0) builder.put(' ');
    blank = false;
    builder.put(character);
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kCollapse = {
    .name = "collapse",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text without blanks at both ends and with one blank for every run of blanks, tabs, line ends and "
        "no-break spaces.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

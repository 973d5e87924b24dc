// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(printable("clear"))", R"("clear")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    const char32_t code = code_of(character);
    if (code == '\t' || code == '\n' || code == '\r') {
      builder.put(' ');
    } else if (!is_unprintable(code)) {
      builder.put(character);
    }
    at += character.size();
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kPrintable = {
    .name = "printable",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text without what cannot be seen: controls, marks without width or that turn the direction of "
        "writing, and bytes that are no UTF-8. A tab or line end becomes a blank.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

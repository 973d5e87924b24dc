// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"characters", Type::text}};
constexpr Example kExamples[] = {
    {R"(only("MRN 47-11", "0123456789-"))", R"("47-11")"},
    {R"(only("abc", ""))", R"("")"},
};

bool holds(std::string_view characters, std::string_view one) {
  for (; !characters.empty(); characters.remove_prefix(character_size(characters))) {
    if (characters.substr(0, character_size(characters)) == one) return true;
  }
  return false;
}

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, character_size(text.substr(at)));
    if (holds(arguments[1].text, character)) builder.put(character);
    at += character.size();
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kOnly = {
    .name = "only",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The characters of the text that stand in `characters`, in order; all others are left out.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

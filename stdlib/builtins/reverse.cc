// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(reverse("ABC"))", R"("CBA")"},
    {R"(reverse("Żó"))", R"("óŻ")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  if (text.empty()) {
    result = Value::of(text);
    return true;
  }
  char* const out = arena.take(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_size(text.substr(at));
    std::copy_n(text.data() + at, size, out + text.size() - at - size);
    at += size;
  }
  result = Value::of(std::string_view(out, text.size()));
  return true;
}

}  // namespace

const Function kReverse = {
    .name = "reverse",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The characters from the last to the first.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

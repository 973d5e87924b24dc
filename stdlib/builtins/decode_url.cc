// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/hex.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(decode_url("a%20b%2fc"))", R"("a b/c")"},
    {R"(decode_url("M%C3%BCller"))", R"("Müller")"},
    {R"(decode_url("100%"))", R"(fails)"},
    {R"(decode_url("%FF"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      builder.put(text[at]);
      continue;
    }
    const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
    if (high < 0 || low < 0) return false;
    builder.put(static_cast<char>(high * 16 + low));
    at += 2;
  }
  if (!is_utf8(builder.text())) return false;
  result = builder.value();
  return true;
}

}  // namespace

const Function kDecodeUrl = {
    .name = "decode_url",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8",
    .doc =
        "The text that stands in a part of an address: `%` and two hexadecimal digits are a byte (RFC 3986 section "
        "2); a `+` stays a plus.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

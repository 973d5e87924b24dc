// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/hex.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(decode_hex("415A"))", R"("AZ")"}, {R"(decode_hex("c3a9"))", R"("é")"}, {R"(decode_hex(""))", R"("")"},
    {R"(decode_hex("4"))", R"(fails)"},   {R"(decode_hex("zz"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  if (text.size() % 2 != 0) return false;
  Builder builder(arena, text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) return false;
    builder.put(static_cast<char>(high * 16 + low));
  }
  if (!is_utf8(builder.text())) return false;
  result = builder.value();
  return true;
}

}  // namespace

const Function kDecodeHex = {
    .name = "decode_hex",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is not pairs of hexadecimal digits, or the bytes are no UTF-8",
    .doc = "The text whose bytes the hexadecimal digits are, small or capital.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

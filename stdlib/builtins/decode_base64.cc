// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(decode_base64("SGVsbG8="))", R"("Hello")"},
    {R"(decode_base64("SGVs bG8"))", R"("Hello")"},
    {R"(decode_base64("SGVsbG8*"))", R"(fails)"},
    {R"(decode_base64("/w=="))", R"(fails)"},
};

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

void put_bytes(Builder& builder, std::uint32_t bits, unsigned count) {
  for (unsigned i = 0; i < count; ++i) builder.put(static_cast<char>((bits >> (16U - 8U * i)) & 0xFFU));
}

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  Builder builder(arena, text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = value_of(c);
    if (value < 0 || padding > 0) return false;
    bits = bits << 6U | static_cast<unsigned>(value);
    if (++count == 4) {
      put_bytes(builder, bits, 3);
      bits = 0;
      count = 0;
    }
  }
  if (count == 1 || padding > 2 || (padding > 0 && count + padding != 4)) return false;
  if (count > 0) {
    bits <<= 6U * (4U - count);
    if ((bits & (count == 2 ? 0xFFFFU : 0xFFU)) != 0) return false;
    put_bytes(builder, bits, count - 1);
  }
  if (!is_utf8(builder.text())) return false;
  result = builder.value();
  return true;
}

}  // namespace

const Function kDecodeBase64 = {
    .name = "decode_base64",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is not base64, or the bytes are no UTF-8",
    .doc = "The text that base64 stands for, with or without padding; blanks and line ends in it are passed over.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

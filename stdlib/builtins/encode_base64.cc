// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(encode_base64("Hello"))", R"("SGVsbG8=")"},
    {R"(encode_base64(""))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Builder builder(arena, (text.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < text.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, text.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8U | (i < count ? static_cast<unsigned char>(text[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) builder.put(i <= count ? kAlphabet[(bits >> (18 - 6 * i)) & 63U] : '=');
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kEncodeBase64 = {
    .name = "encode_base64",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The bytes of the text (UTF-8) in base64 (RFC 4648 section 4), padded, in one line.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/hex.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(encode_hex("AZ"))", R"("415a")"},
    {R"(encode_hex("é"))", R"("c3a9")"},
    {R"(encode_hex(""))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  Builder builder(arena, arguments[0].text.size() * 2);
  for (const char c : arguments[0].text) {
    const auto byte = static_cast<unsigned char>(c);
    builder.put(kHexDigits[byte >> 4U]);
    builder.put(kHexDigits[byte & 15U]);
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kEncodeHex = {
    .name = "encode_hex",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The bytes of the text (UTF-8) as hexadecimal digits, two a byte, small letters.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

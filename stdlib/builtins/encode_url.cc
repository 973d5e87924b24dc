// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(encode_url("a b/c"))", R"("a%20b%2Fc")"},
    {R"(encode_url("Müller"))", R"("M%C3%BCller")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  constexpr std::string_view kCapitals = "0123456789ABCDEF";
  Builder builder(arena, arguments[0].text.size() * 3);
  for (const char c : arguments[0].text) {
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (stays) {
      builder.put(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    builder.put('%');
    builder.put(kCapitals[byte >> 4U]);
    builder.put(kCapitals[byte & 15U]);
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kEncodeUrl = {
    .name = "encode_url",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text as a part of an address: letters, digits and `-._~` stay, every other byte is `%` and two "
        "hexadecimal digits (RFC 3986 section 2).",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/digest.h"
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/hex.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(sha256("abc"))", R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")"},
    {R"(sha256(""))", R"("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  Builder builder(arena, 64);
  for (const unsigned char byte : sha256(arguments[0].text)) {
    builder.put(kHexDigits[byte >> 4U]);
    builder.put(kHexDigits[byte & 15U]);
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kSha256 = {
    .name = "sha256",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The SHA-256 digest of the text's bytes (UTF-8) as 64 hexadecimal digits. A digest of an identifier is no "
        "protection: who has all identifiers finds it again; `redact` with a keyed hash is made for that.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::hashing,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/facts/sha1.h"
#include "stdlib/builtins/uuid.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"namespace", Type::text}, {"name", Type::text}};
constexpr Example kExamples[] = {
    {R"(uuid_of("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"))", R"("2ed6657d-e927-568b-95e1-2665a8aea6a2")"},
    {R"(uuid_of("hub", "4711"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto space = read_uuid(arguments[0].text);
  if (!space) return false;
  Sha1 sha;
  sha.add(std::string_view(reinterpret_cast<const char*>(space->data()), space->size()));
  sha.add(arguments[1].text);
  const auto digest = sha.digest();
  Uuid uuid{};
  std::copy_n(digest.begin(), uuid.size(), uuid.begin());
  uuid[6] = static_cast<unsigned char>((uuid[6] & 0x0FU) | 0x50U);
  uuid[8] = static_cast<unsigned char>((uuid[8] & 0x3FU) | 0x80U);
  Builder builder(arena, kUuidText);
  put_uuid(uuid, builder);
  result = builder.value();
  return true;
}

}  // namespace

const Function kUuidOf = {
    .name = "uuid_of",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the name space is no UUID",
    .doc =
        "The UUID that a name has in a name space, which is a UUID itself: version 5 (RFC 4122 section 4.3), the "
        "same for the same name for ever. It can be tried out for all names there are, so it protects none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

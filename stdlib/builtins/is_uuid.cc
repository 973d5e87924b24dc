// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/uuid.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))", R"(true)"},
    {R"(is_uuid("6ba7b8109dad11d180b400c04fd430c8"))", R"(false)"},
    {R"(is_uuid(""))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(read_uuid(arguments[0].text).has_value());
  return true;
}

}  // namespace

const Function kIsUuid = {
    .name = "is_uuid",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Is the text a UUID (RFC 4122 section 3): 32 hexadecimal digits, parted 8-4-4-4-12 by hyphens?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

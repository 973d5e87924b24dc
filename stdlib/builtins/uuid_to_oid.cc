// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/uuid.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"uuid", Type::text}};
constexpr Example kExamples[] = {
    {R"(uuid_to_oid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"))", R"("2.25.329800735698586629295641978511506172918")"},
    {R"(uuid_to_oid("4711"))", R"(fails)"},
};

__extension__ using Wide = unsigned __int128;

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto uuid = read_uuid(arguments[0].text);
  if (!uuid) return false;
  Wide number = 0;
  for (const unsigned char byte : *uuid) number = number << 8U | byte;
  char digits[40];
  std::size_t at = sizeof digits;
  do {
    digits[--at] = static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  result = Value::of(arena.join("2.25.", std::string_view(digits + at, sizeof digits - at)));
  return true;
}

}  // namespace

const Function kUuidToOid = {
    .name = "uuid_to_oid",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is no UUID",
    .doc = "The object identifier that stands for a UUID: 2.25. and its 128 bits as a decimal number (ITU-T X.667).",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
    .proven_by = "is_uuid",
};

}  // namespace smarthl7::builtins

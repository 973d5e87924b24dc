// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/identifier.h"
#include "stdlib/builtins/uuid.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"oid", Type::text}};
constexpr Example kExamples[] = {
    {R"(oid_to_uuid("2.25.329800735698586629295641978511506172918"))", R"("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")"},
    {R"(oid_to_uuid("2.16.840"))", R"(fails)"},
    {R"(oid_to_uuid("2.25.340282366920938463463374607431768211456"))", R"(fails)"},
};

__extension__ using Wide = unsigned __int128;

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  std::string_view text = arguments[0].text;
  if (!text.starts_with("2.25.")) return false;
  text.remove_prefix(5);
  if (text.empty() || !all_digits(text) || (text.size() > 1 && text[0] == '0')) return false;
  Wide number = 0;
  for (const char c : text) {
    if (__builtin_mul_overflow(number, Wide{10}, &number)) return false;
    if (__builtin_add_overflow(number, static_cast<Wide>(c - '0'), &number)) return false;
  }
  Uuid uuid{};
  for (std::size_t i = uuid.size(); i-- > 0; number >>= 8U) uuid[i] = static_cast<unsigned char>(number & 0xFFU);
  Builder builder(arena, kUuidText);
  put_uuid(uuid, builder);
  result = builder.value();
  return true;
}

}  // namespace

const Function kOidToUuid = {
    .name = "oid_to_uuid",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is not 2.25. and one number below 2 to the power of 128",
    .doc = "The UUID that an object identifier below 2.25 stands for (ITU-T X.667).",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

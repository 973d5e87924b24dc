// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::moment}};
constexpr Example kExamples[] = {
    {R"(offset_of(timestamp("20261123101500+0100")))", R"("+0100")"},
    {R"(offset_of(timestamp("20261123101500")))", R"(absent)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const int minutes = arguments[0].moment.offset_minutes;
  if (!arguments[0].moment.has_offset()) return true;
  const int size = minutes < 0 ? -minutes : minutes;
  const char text[] = {minutes < 0 ? '-' : '+', static_cast<char>('0' + size / 600), static_cast<char>('0' + size / 60 % 10),
                       static_cast<char>('0' + size % 60 / 10), static_cast<char>('0' + size % 10)};
  result = Value::of(arena.copy(std::string_view(text, sizeof text)));
  return true;
}

}  // namespace

const Function kOffsetOf = {
    .name = "offset_of",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The offset from UTC that the time or timestamp was sent with, as HL7 writes it; absent if it has none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .can_be_absent = "the moment has no offset",
};

}  // namespace smarthl7::builtins

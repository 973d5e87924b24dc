// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"what", Type::text}};
constexpr Example kExamples[] = {
    {R"(position("MERCY-4711", "-"))", R"(6)"},
    {R"(position("Łódź", "d"))", R"(3)"},
    {R"(position("abc", "x"))", R"(0)"},
    {R"(position("abc", ""))", R"(1)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  const std::size_t at = text.find(arguments[1].text);
  const std::size_t place = at == std::string_view::npos ? 0 : character_count(text.substr(0, at)) + 1;
  result = Value::of(Decimal(static_cast<std::int64_t>(place)));
  return true;
}

}  // namespace

const Function kPosition = {
    .name = "position",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc =
        "The number of the character at which `what` begins first (the first character is 1); 0 if it is not "
        "there.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
    .digits = 10,
};

}  // namespace smarthl7::builtins

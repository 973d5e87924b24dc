// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_dea_number("AB1234563"))", R"(true)"},
    {R"(is_dea_number("AB1234560"))", R"(false)"},
    {R"(is_dea_number("1234563"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  const auto capital = [&](std::size_t at) { return text[at] >= 'A' && text[at] <= 'Z'; };
  bool right = text.size() == 9 && capital(0) && (capital(1) || text[1] == '9') && all_digits(text.substr(2));
  if (right) {
    const auto digit = [&](std::size_t n) { return text[n + 1] - '0'; };  // 1 to 7
    right = (digit(1) + digit(3) + digit(5) + 2 * (digit(2) + digit(4) + digit(6))) % 10 == digit(7);
  }
  result = Value::of(right);
  return true;
}

}  // namespace

const Function kIsDeaNumber = {
    .name = "is_dea_number",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text a registration number of the US Drug Enforcement Administration: a capital, a capital or 9, "
        "and seven digits of which the last is the check digit?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

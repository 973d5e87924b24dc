// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_bsn("111222333"))", R"(true)"},
    {R"(is_bsn("111222334"))", R"(false)"},
    {R"(is_bsn("000000000"))", R"(false)"},
    {R"(is_bsn("11122233"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  bool right = text.size() == 9 && all_digits(text) && text != "000000000";
  if (right) {
    int sum = -(text[8] - '0');
    for (int i = 0; i < 8; ++i) sum += (9 - i) * (text[static_cast<std::size_t>(i)] - '0');
    right = sum % 11 == 0;
  }
  result = Value::of(right);
  return true;
}

}  // namespace

const Function kIsBsn = {
    .name = "is_bsn",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Is the text a Dutch citizen service number (burgerservicenummer): nine digits that pass the eleven test?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

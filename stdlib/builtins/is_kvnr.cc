// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_kvnr("A123456780"))", R"(true)"},
    {R"(is_kvnr("A123456781"))", R"(false)"},
    {R"(is_kvnr("1234567890"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  bool right = text.size() == 10 && text[0] >= 'A' && text[0] <= 'Z' && all_digits(text.substr(1));
  if (right) {
    const int letter = text[0] - 'A' + 1;
    int digits[10] = {letter / 10, letter % 10};
    for (std::size_t i = 1; i < 9; ++i) digits[i + 1] = text[i] - '0';
    int sum = 0;
    for (int i = 0; i < 10; ++i) {
      const int product = digits[i] * (1 + i % 2);
      sum += product / 10 + product % 10;
    }
    right = sum % 10 == text[9] - '0';
  }
  result = Value::of(right);
  return true;
}

}  // namespace

const Function kIsKvnr = {
    .name = "is_kvnr",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text the unchanging part of a German health insurance number (Krankenversichertennummer): a "
        "capital and nine digits, the last the check digit (section 290 SGB V)?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(number_with_comma("1,5"))", R"(1.5)"},       {R"(number_with_comma("1.234.567,80"))", R"(1234567.80)"},
    {R"(number_with_comma("12 500"))", R"(12500)"},  {R"(number_with_comma("1.5"))", R"(fails)"},
    {R"(number_with_comma("1,234,5"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  char plain[Decimal::kMaxText];
  std::size_t size = 0;
  int group = -1;  // digits since the last parting sign; -1: there was none
  std::size_t digits = 0;
  bool comma = false;
  for (const char c : text) {
    if (size == sizeof plain) return false;
    if (c >= '0' && c <= '9') {
      plain[size++] = c;
      ++digits;
      if (group >= 0 && !comma && ++group > 3) return false;
    } else if (c == ',' && !comma) {
      if (group >= 0 && group != 3) return false;
      comma = true;
      plain[size++] = '.';
    } else if ((c == '.' || c == ' ' || c == '\'') && !comma) {
      if (digits == 0 || (group < 0 ? digits > 3 : group != 3)) return false;
      group = 0;
    } else if ((c == '-' || c == '+') && size == 0) {
      plain[size++] = c;
    } else {
      return false;
    }
  }
  if (!comma && group >= 0 && group != 3) return false;
  const auto number = Decimal::parse(std::string_view(plain, size));
  if (!number) return false;
  result = Value::of(*number);
  return true;
}

}  // namespace

const Function kNumberWithComma = {
    .name = "number_with_comma",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "the text is not such a number, or has more than 38 digits",
    .doc =
        "The text read as a number with a comma before the decimals, as most of Europe writes it. Points, blanks "
        "and apostrophes may part groups of three digits.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(number_in("<5.0 mg"))", R"(5.0)"}, {R"(number_in("BP 120/80"))", R"(120)"}, {R"(number_in("T -2.5"))", R"(-2.5)"},
    {R"(number_in("A-12"))", R"(12)"},     {R"(number_in("1.2.3"))", R"(1.2)"},     {R"(number_in("none"))", R"(fails)"},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) >= 0x80U);
}

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  std::size_t first = 0;
  while (first < text.size() && !is_digit(text[first])) ++first;
  if (first == text.size()) return false;
  std::size_t end = first;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) {
    for (++end; end < text.size() && is_digit(text[end]);) ++end;
  }
  const bool minus = first > 0 && text[first - 1] == '-' && (first == 1 || !is_word(text[first - 2]));
  if (minus) --first;
  const auto number = Decimal::parse(text.substr(first, end - first));
  if (!number) return false;
  result = Value::of(*number);
  return true;
}

}  // namespace

const Function kNumberIn = {
    .name = "number_in",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "no digit stands in the text, or the number has more than 38 digits",
    .doc =
        "The first number that stands in the text: digits with a point between them, and a minus sign just before "
        "them unless a letter or digit stands before that.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

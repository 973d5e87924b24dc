// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_mbi("1EG4-TE5-MK73"))", R"(true)"}, {R"(is_mbi("1EG4TE5MK73"))", R"(true)"},
    {R"(is_mbi("1EG4TE5MK7"))", R"(false)"},   {R"(is_mbi("0EG4TE5MK73"))", R"(false)"},
    {R"(is_mbi("1SG4TE5MK73"))", R"(false)"},
};

constexpr std::string_view kShape = "1AE9AE9AA99";  // 1: 1 to 9, 9: a digit, A: a letter, E: either

bool fits(char c, char shape) {
  const bool digit = c >= '0' && c <= '9';
  const bool letter = c >= 'A' && c <= 'Z' && std::string_view("SLOIBZ").find(c) == std::string_view::npos;
  if (shape == '1') return digit && c != '0';
  if (shape == '9') return digit;
  return letter || (shape == 'E' && digit);
}

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  const bool parted = text.size() == 13 && text[4] == '-' && text[8] == '-';
  bool right = parted || text.size() == 11;
  std::size_t place = 0;
  for (std::size_t at = 0; right && at < text.size(); ++at) {
    if (parted && (at == 4 || at == 8)) continue;
    right = fits(text[at], kShape[place++]);
  }
  result = Value::of(right);
  return true;
}

}  // namespace

const Function kIsMbi = {
    .name = "is_mbi",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Has the text the shape of a US Medicare Beneficiary Identifier: eleven capitals and digits in the order "
        "that CMS gives, without S, L, O, I, B and Z, parted 4-3-4 by hyphens or not at all?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

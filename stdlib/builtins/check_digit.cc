// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/check_digit.h"

#include <optional>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"identifier", Type::text}, {"scheme", Type::text}};
constexpr Example kExamples[] = {
    {R"(check_digit("401", "M10"))", R"("0")"},   {R"(check_digit("123456789", "NPI"))", R"("3")"},
    {R"(check_digit("12345", "M11"))", R"("5")"}, {R"(check_digit("A1", "M10"))", R"(fails)"},
    {R"(check_digit("401", "ISO"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view digits = arguments[0].text;
  const std::string_view scheme = arguments[1].text;
  if (digits.empty() || digits.size() > 100 || !all_digits(digits)) return false;
  std::optional<char> digit;
  if (scheme == "M10" || scheme == "BCV") digit = hl7::mod10_digit(digits);
  if (scheme == "M11") digit = hl7::mod11_digit(digits);
  if (scheme == "NPI") digit = hl7::mod10_digit(arena.join("80840", digits));
  if (!digit) return false;
  result = Value::of(arena.copy(std::string_view(&*digit, 1)));
  return true;
}

}  // namespace

const Function kCheckDigit = {
    .name = "check_digit",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the identifier is not 1 to 100 digits, or the scheme is none of the four",
    .doc =
        "The check digit of an identifier of digits by a scheme of HL7 table 0061: `M10` (Mod 10), `M11` (Mod 11), "
        "`NPI` or `BCV` (bank cards). The identifier is given without it.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/identifier.h"
#include "stdlib/hl7/check_digit.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_npi("1234567893"))", R"(true)"},
    {R"(is_npi("1234567890"))", R"(false)"},
    {R"(is_npi("3234567899"))", R"(false)"},
    {R"(is_npi("123456789"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  const bool shape = text.size() == 10 && (text[0] == '1' || text[0] == '2') && all_digits(text);
  result = Value::of(shape && hl7::mod10_digit(arena.join("80840", text.substr(0, 9))) == text[9]);
  return true;
}

}  // namespace

const Function kIsNpi = {
    .name = "is_npi",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text a US National Provider Identifier: ten digits, the first 1 or 2, the last the check digit by "
        "the Luhn formula with 80840 before them (45 CFR 162.406)?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

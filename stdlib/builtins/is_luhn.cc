// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/hl7/check_digit.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_luhn("79927398713"))", R"(true)"},
    {R"(is_luhn("79927398710"))", R"(false)"},
    {R"(is_luhn("7992-7398"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  result = Value::of(text.size() > 1 && hl7::mod10_digit(text.substr(0, text.size() - 1)) == text.back());
  return true;
}

}  // namespace

const Function kIsLuhn = {
    .name = "is_luhn",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text two digits or more whose last is the check digit of the others by the Luhn formula (ISO/IEC "
        "7812-1 annex B)?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

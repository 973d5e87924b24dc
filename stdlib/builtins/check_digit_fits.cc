// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/hl7/check_digit.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"identifier", Type::text}, {"digit", Type::text}, {"scheme", Type::text}};
constexpr Example kExamples[] = {
    {R"(check_digit_fits("401", "0", "M10"))", R"(true)"},
    {R"(check_digit_fits("401", "1", "M10"))", R"(false)"},
    {R"(check_digit_fits("123456789", "3", "NPI"))", R"(true)"},
    {R"(check_digit_fits("401", "0", "XYZ"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(hl7::check_digit_fits(arguments[2].text, arguments[0].text, arguments[1].text).value_or(false));
  return true;
}

}  // namespace

const Function kCheckDigitFits = {
    .name = "check_digit_fits",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the check digit right for the identifier by the scheme, as CX.1, CX.2 and CX.3 hold them: `M10`, "
        "`M11`, `ISO` (ISO 7064), `NPI` or `BCV`? An identifier that holds its check digit fits too. False for a "
        "scheme that is none of these.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
};

}  // namespace smarthl7::builtins

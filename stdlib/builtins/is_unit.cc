// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/facts/unit.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_unit("mg/dL"))", R"(true)"},  {R"(is_unit("10*3/uL"))", R"(true)"}, {R"(is_unit("mm[Hg]"))", R"(true)"},
    {R"(is_unit("/[HPF]"))", R"(true)"}, {R"(is_unit("mg/dl/"))", R"(false)"}, {R"(is_unit("mmHg"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(parse_unit(arguments[0].text).has_value());
  return true;
}

}  // namespace

const Function kIsUnit = {
    .name = "is_unit",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Is the text a unit in the notation of UCUM, of the part of UCUM that these functions know (see the list "
        "on this page)?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::units,
};

}  // namespace smarthl7::builtins

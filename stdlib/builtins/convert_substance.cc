// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/unit_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {"value", Type::number},
    {.name = "from", .type = Type::text, .valid = is_unit_text, .expects = "a unit of UCUM, as in `mg/dL`"},
    {.name = "to", .type = Type::text, .valid = is_unit_text, .expects = "a unit of UCUM, as in `mg/dL`"},
    {"molar_mass", Type::number}};
constexpr Example kExamples[] = {
    {R"(convert_substance(90.078, "mg/dL", "mmol/L", 180.156))", R"(5)"},
    {R"(convert_substance(5, "mmol/L", "mg/dL", 180.156))", R"(90.078)"},
    {R"(convert_substance(1, "mg/dL", "umol/L", 113.12))", R"(88.4016973125884)"},
    {R"(convert_substance(1, "mg/dL", "g/L", 1))", R"(0.01)"},
    {R"(convert_substance(1, "mg/dL", "mmol/L", 0))", R"(fails)"},
    {R"(convert_substance(1, "mg/dL", "s", 180.156))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto from = parse_unit(arguments[1].text);
  const auto to = parse_unit(arguments[2].text);
  const Decimal& molar_mass = arguments[3].number;
  if (!from || !to || molar_mass.zero() || molar_mass.negative()) return false;
  const auto converted = convert(arguments[0].number, *from, *to, &molar_mass);
  if (!converted) return false;
  result = Value::of(*converted);
  return true;
}

}  // namespace

const Function kConvertSubstance = {
    .name = "convert_substance",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail =
        "one of the units is none, they do not measure masses or amounts of the same kind, the molar mass is not "
        "above 0, or the result has more than 38 digits",
    .doc =
        "The value in another unit, where a mass may become an amount of substance and the other way about: "
        "`molar_mass` is that of the substance in g/mol (glucose 180.156, creatinine 113.12, cholesterol 386.65). "
        "Exact, or rounded half away from zero to 15 significant digits where the result has no end.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::units,
};

}  // namespace smarthl7::builtins

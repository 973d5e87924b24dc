// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/unit_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {"value", Type::number},
    {.name = "from", .type = Type::text, .valid = is_unit_text, .expects = "a unit of UCUM, as in `mg/dL`"},
    {.name = "to", .type = Type::text, .valid = is_unit_text, .expects = "a unit of UCUM, as in `mg/dL`"}};
constexpr Example kExamples[] = {
    {R"(convert(180, "[lb_av]", "kg"))", R"(81.6466266)"}, {R"(convert(98.6, "[degF]", "Cel"))", R"(37)"},
    {R"(convert(37, "Cel", "K"))", R"(310.15)"},           {R"(convert(5.5, "mg/dL", "g/L"))", R"(0.055)"},
    {R"(convert(1, "[in_i]", "cm"))", R"(2.54)"},          {R"(convert(7, "d", "wk"))", R"(1)"},
    {R"(convert(120, "mm[Hg]", "kPa"))", R"(15.99864)"},   {R"(convert(1, "kg", "L"))", R"(fails)"},
    {R"(convert(1, "mg", "bananas"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto from = parse_unit(arguments[1].text);
  const auto to = parse_unit(arguments[2].text);
  if (!from || !to) return false;
  const auto converted = convert(arguments[0].number, *from, *to);
  if (!converted) return false;
  result = Value::of(*converted);
  return true;
}

}  // namespace

const Function kConvert = {
    .name = "convert",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail =
        "one of the units is none, they do not measure the same kind of thing, or the result has more than 38 "
        "digits",
    .doc =
        "The value in another unit of the same kind, both in the notation of UCUM: masses, volumes, lengths, "
        "times, pressures, temperatures (`Cel`, `[degF]`, `K`), amounts, concentrations and all that is made of "
        "them. Exact, or rounded half away from zero to 15 significant digits where the result has no end.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::units,
};

}  // namespace smarthl7::builtins

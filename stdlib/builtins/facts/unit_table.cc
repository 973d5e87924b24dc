// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/facts/unit_table.h"

#include <algorithm>
#include <iterator>

namespace smarthl7::builtins {
namespace {

// clang-format off
// Factor above / below * 10^power; exponents of length, time, mass, temperature, amount, charge, light, international units,
// arbitrary units.
constexpr UnitRow kRows[] = {
    {"%", "per cent", false, {1, 1, -2, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"A", "ampere", true, {1, 1, 0, {0, -1, 0, 0, 0, 1, 0, 0, 0}, Scale::plain}},
    {"Ao", "angstrom", false, {1, 1, -10, {1, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"Bq", "becquerel", true, {1, 1, 0, {0, -1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"Ci", "curie", true, {37, 1, 9, {0, -1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"Gy", "gray", true, {1, 1, 0, {2, -2, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"Hz", "hertz", true, {1, 1, 0, {0, -1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"J", "joule", true, {1, 1, 3, {2, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"K", "kelvin", true, {1, 1, 0, {0, 0, 0, 1, 0, 0, 0, 0, 0}, Scale::plain}},
    {"L", "litre", true, {1, 1, -3, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"N", "newton", true, {1, 1, 3, {1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"Ohm", "ohm", true, {1, 1, 3, {2, -1, 1, 0, 0, -2, 0, 0, 0}, Scale::plain}},
    {"P", "poise", true, {1, 1, 2, {-1, -1, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"Pa", "pascal", true, {1, 1, 3, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"RAD", "radiation absorbed dose", true, {1, 1, -2, {2, -2, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"REM", "radiation equivalent man", true, {1, 1, -2, {2, -2, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"S", "siemens", true, {1, 1, -3, {-2, 1, -1, 0, 0, 2, 0, 0, 0}, Scale::plain}},
    {"Sv", "sievert", true, {1, 1, 0, {2, -2, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"U", "enzyme unit (1 umol a minute)", true, {5, 3, -8, {0, -1, 0, 0, 1, 0, 0, 0, 0}, Scale::plain}},
    {"V", "volt", true, {1, 1, 3, {2, -2, 1, 0, 0, -1, 0, 0, 0}, Scale::plain}},
    {"W", "watt", true, {1, 1, 3, {2, -3, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[Cal]", "nutrition label calorie (1 kcal)", false, {4184, 1, 3, {2, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[HPF]", "high power field", false, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[IU]", "international unit", true, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 1, 0}, Scale::plain}},
    {"[LPF]", "low power field", false, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[MET]", "metabolic equivalent (3.5 mL/min/kg)", false, {175, 3, -12, {3, -1, -1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[arb'U]", "arbitrary unit", false, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 1}, Scale::plain}},
    {"[cin_i]", "cubic inch", false, {16387064, 1, -12, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[cup_m]", "metric cup (240 mL)", false, {24, 1, -5, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[cup_us]", "cup (US)", false, {2365882365, 1, -13, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[dr_av]", "dram", false, {17718451953125, 1, -13, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[drp]", "drop (1/20 mL)", false, {5, 1, -8, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[foz_m]", "metric fluid ounce (30 mL)", false, {3, 1, -5, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[foz_us]", "fluid ounce (US)", false, {295735295625, 1, -16, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[ft_i]", "foot", false, {3048, 1, -4, {1, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[gal_us]", "gallon (US)", false, {3785411784, 1, -12, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[gr]", "grain", false, {6479891, 1, -8, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[iU]", "international unit", true, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 1, 0}, Scale::plain}},
    {"[in_i'H2O]", "inch of water column", false, {24908891, 1, -2, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[in_i'Hg]", "inch of mercury column", false, {33863788, 1, -1, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[in_i]", "inch", false, {254, 1, -4, {1, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[lb_av]", "pound", false, {45359237, 1, -5, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[mi_i]", "mile", false, {1609344, 1, -3, {1, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[oz_av]", "ounce", false, {28349523125, 1, -9, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[ppb]", "parts per billion", false, {1, 1, -9, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[ppm]", "parts per million", false, {1, 1, -6, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[ppth]", "parts per thousand", false, {1, 1, -3, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[pptr]", "parts per trillion", false, {1, 1, -12, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[psi]", "pound per square inch", false, {1112055403815125, 16129, -4, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[pt_us]", "pint (US)", false, {473176473, 1, -12, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[qt_us]", "quart (US)", false, {946352946, 1, -12, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[sft_i]", "square foot", false, {9290304, 1, -8, {2, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[stone_av]", "stone", false, {635029318, 1, -5, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[tbs_m]", "metric tablespoon (15 mL)", false, {15, 1, -6, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[tbs_us]", "tablespoon (US)", false, {1478676478125, 1, -17, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[tsp_m]", "metric teaspoon (5 mL)", false, {5, 1, -6, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[tsp_us]", "teaspoon (US)", false, {492892159375, 1, -17, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"[yd_i]", "yard", false, {9144, 1, -4, {1, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"a", "year (Julian, 365.25 d)", false, {315576, 1, 2, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"ar", "are", true, {1, 1, 2, {2, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"atm", "standard atmosphere", false, {101325, 1, 3, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"bar", "bar", true, {1, 1, 8, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"cal", "calorie (thermochemical)", true, {4184, 1, 0, {2, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"cd", "candela", true, {1, 1, 0, {0, 0, 0, 0, 0, 0, 1, 0, 0}, Scale::plain}},
    {"d", "day", false, {864, 1, 2, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"dyn", "dyne", true, {1, 1, -2, {1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"eq", "equivalent", true, {1, 1, 0, {0, 0, 0, 0, 1, 0, 0, 0, 0}, Scale::plain}},
    {"erg", "erg", true, {1, 1, -4, {2, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"g", "gram", true, {1, 1, 0, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"g%", "gram per cent (g/dL)", true, {1, 1, 4, {-3, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"h", "hour", false, {36, 1, 2, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"har", "hectare", false, {1, 1, 4, {2, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"kat", "katal", true, {1, 1, 0, {0, -1, 0, 0, 1, 0, 0, 0, 0}, Scale::plain}},
    {"l", "litre", true, {1, 1, -3, {3, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"lm", "lumen", true, {1, 1, 0, {0, 0, 0, 0, 0, 0, 1, 0, 0}, Scale::plain}},
    {"lx", "lux", true, {1, 1, 0, {-2, 0, 0, 0, 0, 0, 1, 0, 0}, Scale::plain}},
    {"m", "metre", true, {1, 1, 0, {1, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"m[H2O]", "metre of water column", true, {980665, 1, 1, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"m[Hg]", "metre of mercury column", true, {133322, 1, 3, {-1, -2, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"min", "minute", false, {6, 1, 1, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"mo", "month (a twelfth of a year)", false, {26298, 1, 2, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"mol", "mole", true, {1, 1, 0, {0, 0, 0, 0, 1, 0, 0, 0, 0}, Scale::plain}},
    {"osm", "osmole", true, {1, 1, 0, {0, 0, 0, 0, 1, 0, 0, 0, 0}, Scale::plain}},
    {"rad", "radian", true, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"s", "second", true, {1, 1, 0, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"sr", "steradian", true, {1, 1, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"t", "tonne", true, {1, 1, 6, {0, 0, 1, 0, 0, 0, 0, 0, 0}, Scale::plain}},
    {"wk", "week", false, {6048, 1, 2, {0, 1, 0, 0, 0, 0, 0, 0, 0}, Scale::plain}},
};

struct Prefix {
  std::string_view symbol;
  int power;
};
constexpr Prefix kPrefixes[] = {
    {"Y", 24}, {"Z", 21}, {"E", 18}, {"P", 15}, {"T", 12}, {"G", 9}, {"M", 6}, {"k", 3}, {"h", 2}, {"da", 1}, {"d", -1}, {"c", -2}, {"m", -3}, {"u", -6}, {"n", -9}, {"p", -12}, {"f", -15}, {"a", -18}, {"z", -21}, {"y", -24},
};

struct Spelling {
  std::string_view small, ucum;
};
constexpr Spelling kSpellings[] = {
    {"1.73m2", "{1.73_m2}"}, {"1.73m^2", "{1.73_m2}"}, {"1.73sqm", "{1.73_m2}"}, {"10(12)", "10*12"}, {"10(3)", "10*3"},
    {"10(6)", "10*6"}, {"10(9)", "10*9"}, {"10**12", "10*12"}, {"10**3", "10*3"}, {"10**6", "10*6"},
    {"10**9", "10*9"}, {"10*12", "10*12"}, {"10*3", "10*3"}, {"10*6", "10*6"}, {"10*9", "10*9"},
    {"10^12", "10*12"}, {"10^3", "10*3"}, {"10^6", "10*6"}, {"10^9", "10*9"}, {"10e+12", "10*12"},
    {"10e+3", "10*3"}, {"10e+6", "10*6"}, {"10e+9", "10*9"}, {"10e12", "10*12"}, {"10e3", "10*3"},
    {"10e6", "10*6"}, {"10e9", "10*9"}, {"10exp12", "10*12"}, {"10exp3", "10*3"}, {"10exp6", "10*6"},
    {"10exp9", "10*9"}, {"10x12", "10*12"}, {"10x3", "10*3"}, {"10x6", "10*6"}, {"10x9", "10*9"},
    {"12h", "(12.h)"}, {"12hr", "(12.h)"}, {"12hrs", "(12.h)"}, {"1e12", "10*12"}, {"1e3", "10*3"},
    {"1e6", "10*6"}, {"1e9", "10*9"}, {"24h", "(24.h)"}, {"24hours", "(24.h)"}, {"24hr", "(24.h)"},
    {"24hrs", "(24.h)"}, {"beats/min", "{beats}/min"}, {"bpm", "{beats}/min"}, {"breaths/min", "{breaths}/min"}, {"c", "Cel"},
    {"cal", "cal"}, {"cc", "mL"}, {"cell", "{cells}"}, {"cells", "{cells}"}, {"celsius", "Cel"},
    {"cfu", "{CFU}"}, {"cl", "cL"}, {"cm", "cm"}, {"cm2", "cm2"}, {"cm3", "cm3"},
    {"cmh20", "cm[H2O]"}, {"cmh2o", "cm[H2O]"}, {"cmm", "mm3"}, {"copies", "{copies}"}, {"copy", "{copies}"},
    {"cumm", "mm3"}, {"d", "d"}, {"day", "d"}, {"days", "d"}, {"degc", "Cel"},
    {"degf", "[degF]"}, {"degreesc", "Cel"}, {"degreesf", "[degF]"}, {"dl", "dL"}, {"eq", "eq"},
    {"f", "[degF]"}, {"fahrenheit", "[degF]"}, {"feet", "[ft_i]"}, {"femtoliter", "fL"}, {"fg", "fg"},
    {"fl", "fL"}, {"floz", "[foz_us]"}, {"fmol", "fmol"}, {"foot", "[ft_i]"}, {"ft", "[ft_i]"},
    {"g", "g"}, {"gal", "[gal_us]"}, {"gallon", "[gal_us]"}, {"gallons", "[gal_us]"}, {"gcr", "g{creat}"},
    {"gcreat", "g{creat}"}, {"gcreatinine", "g{creat}"}, {"gm", "g"}, {"gms", "g"}, {"gram", "g"},
    {"grams", "g"}, {"gy", "Gy"}, {"h", "h"}, {"hour", "h"}, {"hours", "h"},
    {"hpf", "[HPF]"}, {"hr", "h"}, {"hrs", "h"}, {"hz", "Hz"}, {"in", "[in_i]"},
    {"inch", "[in_i]"}, {"inches", "[in_i]"}, {"index", "{ratio}"}, {"inhg", "[in_i'Hg]"}, {"inr", "{INR}"},
    {"iu", "[iU]"}, {"j", "J"}, {"k", "10*3"}, {"k/cumm", "10*3/uL"}, {"k/mcl", "10*3/uL"},
    {"k/mm3", "10*3/uL"}, {"k/ul", "10*3/uL"}, {"kat", "kat"}, {"kcal", "kcal"}, {"kg", "kg"},
    {"kgs", "kg"}, {"khz", "kHz"}, {"kilogram", "kg"}, {"kilograms", "kg"}, {"kiu", "k[iU]"},
    {"kj", "kJ"}, {"km", "km"}, {"kpa", "kPa"}, {"ku", "kU"}, {"l", "L"},
    {"lb", "[lb_av]"}, {"lbs", "[lb_av]"}, {"liter", "L"}, {"liters", "L"}, {"litre", "L"},
    {"litres", "L"}, {"lpf", "[LPF]"}, {"lt", "L"}, {"m", "m"}, {"m/mcl", "10*6/uL"},
    {"m/mm3", "10*6/uL"}, {"m/ul", "10*6/uL"}, {"m2", "m2"}, {"m^2", "m2"}, {"mbq", "MBq"},
    {"mcg", "ug"}, {"mcgs", "ug"}, {"mci", "mCi"}, {"mcl", "uL"}, {"mcm", "um"},
    {"mcmol", "umol"}, {"meq", "meq"}, {"mg", "mg"}, {"mgcr", "mg{creat}"}, {"mgcreat", "mg{creat}"},
    {"mgs", "mg"}, {"mgy", "mGy"}, {"micron", "um"}, {"microns", "um"}, {"mil/ul", "10*6/uL"},
    {"mill", "10*6"}, {"mill/ul", "10*6/uL"}, {"million/ul", "10*6/uL"}, {"min", "min"}, {"mins", "min"},
    {"minute", "min"}, {"minutes", "min"}, {"miu", "m[iU]"}, {"ml", "mL"}, {"mlmin", "mL/min"},
    {"mls", "mL"}, {"mm", "mm"}, {"mm2", "mm2"}, {"mm3", "mm3"}, {"mm^3", "mm3"},
    {"mmhg", "mm[Hg]"}, {"mmol", "mmol"}, {"mmolcr", "mmol{creat}"}, {"mmolcreat", "mmol{creat}"}, {"mmols", "mmol"},
    {"mol", "mol"}, {"month", "mo"}, {"months", "mo"}, {"mosm", "mosm"}, {"mosmol", "mosm"},
    {"msec", "ms"}, {"msecs", "ms"}, {"msv", "mSv"}, {"mu", "mU"}, {"mv", "mV"},
    {"ng", "ng"}, {"nkat", "nkat"}, {"nl", "nL"}, {"nm", "nm"}, {"nmol", "nmol"},
    {"osm", "osm"}, {"ounce", "[oz_av]"}, {"ounces", "[oz_av]"}, {"oz", "[oz_av]"}, {"pct", "%"},
    {"percent", "%"}, {"pg", "pg"}, {"pl", "pL"}, {"pmol", "pmol"}, {"pound", "[lb_av]"},
    {"pounds", "[lb_av]"}, {"ppb", "[ppb]"}, {"ppm", "[ppm]"}, {"psi", "[psi]"}, {"ratio", "{ratio}"},
    {"rbc", "{RBC}"}, {"s", "s"}, {"score", "{score}"}, {"sec", "s"}, {"second", "s"},
    {"seconds", "s"}, {"secs", "s"}, {"sqcm", "cm2"}, {"sqm", "m2"}, {"st", "[stone_av]"},
    {"stone", "[stone_av]"}, {"tbsp", "[tbs_us]"}, {"th/ul", "10*3/uL"}, {"thou", "10*3"}, {"thou/ul", "10*3/uL"},
    {"thous/ul", "10*3/uL"}, {"titer", "{titer}"}, {"titre", "{titer}"}, {"tsp", "[tsp_us]"}, {"u", "U"},
    {"ueq", "ueq"}, {"ug", "ug"}, {"uiu", "u[iU]"}, {"ukat", "ukat"}, {"ul", "uL"},
    {"um", "um"}, {"umol", "umol"}, {"unit", "U"}, {"units", "U"}, {"wbc", "{WBC}"},
    {"week", "wk"}, {"weeks", "wk"}, {"x10(12)", "10*12"}, {"x10(3)", "10*3"}, {"x10(6)", "10*6"},
    {"x10(9)", "10*9"}, {"x10*12", "10*12"}, {"x10*3", "10*3"}, {"x10*6", "10*6"}, {"x10*9", "10*9"},
    {"x1012", "10*12"}, {"x103", "10*3"}, {"x106", "10*6"}, {"x109", "10*9"}, {"x10^12", "10*12"},
    {"x10^3", "10*3"}, {"x10^6", "10*6"}, {"x10^9", "10*9"}, {"x10e12", "10*12"}, {"x10e3", "10*3"},
    {"x10e6", "10*6"}, {"x10e9", "10*9"}, {"y", "a"}, {"year", "a"}, {"years", "a"},
    {"yr", "a"}, {"yrs", "a"},
};
// clang-format on

const UnitRow* find_row(std::string_view symbol) {
  const auto* const at = std::lower_bound(std::begin(kRows), std::end(kRows), symbol,
                                          [](const UnitRow& row, std::string_view wanted) { return row.symbol < wanted; });
  return at != std::end(kRows) && at->symbol == symbol ? at : nullptr;
}

}  // namespace

std::span<const UnitRow> unit_rows() { return kRows; }

Scale find_scale(std::string_view symbol) {
  if (symbol == "Cel") return Scale::celsius;
  return symbol == "[degF]" ? Scale::fahrenheit : Scale::plain;
}

std::optional<Unit> find_symbol(std::string_view symbol) {
  if (const UnitRow* const row = find_row(symbol)) return row->unit;  // min is a minute, not a milli-inch
  for (const Prefix& prefix : kPrefixes) {
    if (!symbol.starts_with(prefix.symbol)) continue;
    const UnitRow* const row = find_row(symbol.substr(prefix.symbol.size()));
    if (row == nullptr || !row->metric) continue;
    Unit unit = row->unit;
    unit.power += prefix.power;
    return unit;
  }
  return std::nullopt;
}

std::string_view find_spelling(std::string_view small) {
  const auto* const at = std::lower_bound(std::begin(kSpellings), std::end(kSpellings), small,
                                          [](const Spelling& row, std::string_view wanted) { return row.small < wanted; });
  return at != std::end(kSpellings) && at->small == small ? at->ucum : std::string_view{};
}

}  // namespace smarthl7::builtins

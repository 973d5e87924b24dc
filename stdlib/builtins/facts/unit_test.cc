// SPDX-License-Identifier: Apache-2.0
// The notation, the sizes of units against definitions, and conversions there and back.
#include "stdlib/builtins/facts/unit.h"

#include <gtest/gtest.h>

#include <string>

#include "stdlib/builtins/facts/unit_table.h"

namespace smarthl7::builtins {
namespace {

std::string converted(std::string_view value, std::string_view from, std::string_view to) {
  const auto a = parse_unit(from);
  const auto b = parse_unit(to);
  if (!a) return "no unit: " + std::string(from);
  if (!b) return "no unit: " + std::string(to);
  const auto result = convert(*Decimal::parse(value), *a, *b);
  return result ? result->to_string() : "none";
}

TEST(Unit, ReadsTheNotation) {
  for (const char* text : {"mg",          "mg/dL",     "10*3/uL", "10*-3",  "10^9/L",   "mm[Hg]",    "cm[H2O]",
                           "{cells}/uL",  "mg{creat}", "/min",    "/[HPF]", "kg.m2/s2", "kg.m/(s2)", "mL/min/{1.73_m2}",
                           "mL/(min.kg)", "m[iU]/L",   "%",       "g%",     "Cel",      "[degF]",    "s-1",
                           "m+2",         "2.5",       "5.mg",    "U/L",    "umol/min", "dam",       "min",
                           "[in_i'Hg]",   "{a}",       "daL",     "1/min"}) {
    EXPECT_TRUE(parse_unit(text).has_value()) << text;
  }
  for (const char* text : {"",
                           " ",
                           "mg ",
                           "mgg",
                           "mg//dL",
                           "mg/",
                           ".mg",
                           "mg.",
                           "(mg",
                           "mg)",
                           "{cells",
                           "{a{b}}",
                           "mmHg",
                           "Kg",
                           "kKg",
                           "mmin",
                           "k[lb_av]",
                           "mg2-",
                           "m--2",
                           "Cel2",
                           "mg/Cel",
                           "mCel",
                           "µg",
                           "m99",
                           "0",
                           "[in_i",
                           "()",
                           "**",
                           "10*99",
                           "10*-61",
                           "((((((((((m))))))))))"}) {
    EXPECT_FALSE(parse_unit(text).has_value()) << text;
  }
  EXPECT_TRUE(parse_unit("((((m))))").has_value());
  EXPECT_FALSE(parse_unit(std::string(101, 'm')).has_value());
}

TEST(Unit, MinuteIsNoMilliInch) { EXPECT_EQ(converted("1", "min", "s"), "60"); }

TEST(Unit, ConvertsByDefinition) {
  EXPECT_EQ(converted("1", "[lb_av]", "g"), "453.59237");
  EXPECT_EQ(converted("1", "[gal_us]", "L"), "3.785411784");
  EXPECT_EQ(converted("1", "[foz_us]", "mL"), "29.5735295625");
  EXPECT_EQ(converted("1", "[mi_i]", "km"), "1.609344");
  EXPECT_EQ(converted("1", "atm", "kPa"), "101.325");
  EXPECT_EQ(converted("1", "atm", "mm[Hg]"), "760.002100178515");  // 101325 / 133.322
  EXPECT_EQ(converted("1", "kcal", "kJ"), "4.184");
  EXPECT_EQ(converted("1", "[Cal]", "kcal"), "1");
  EXPECT_EQ(converted("1", "[psi]", "kPa"), "6.89475729316836");
  EXPECT_EQ(converted("1", "U", "nkat"), "16.6666666666667");
  EXPECT_EQ(converted("1", "U/L", "umol/min/L"), "1");
  EXPECT_EQ(converted("1", "a", "d"), "365.25");
  EXPECT_EQ(converted("1", "mo", "d"), "30.4375");
  EXPECT_EQ(converted("1", "Ci", "GBq"), "37");
  EXPECT_EQ(converted("1", "g%", "g/dL"), "1");
  EXPECT_EQ(converted("1", "mV", "uV"), "1000");
  EXPECT_EQ(converted("1", "W.s", "J"), "1");
  EXPECT_EQ(converted("1", "V.A", "W"), "1");
  EXPECT_EQ(converted("1", "V/A", "Ohm"), "1");
  EXPECT_EQ(converted("1", "10*3/uL", "10*9/L"), "1");
  EXPECT_EQ(converted("5", "{cells}/uL", "10*6/L"), "5");
  EXPECT_EQ(converted("50", "%", "1"), "0.5");
  EXPECT_EQ(converted("1", "ng/mL", "ug/L"), "1");
  EXPECT_EQ(converted("70", "kg/m2", "g/cm2"), "7");
  EXPECT_EQ(converted("007.50", "mg", "mg"), "7.5");
}

TEST(Unit, ConvertsTemperatures) {
  EXPECT_EQ(converted("98.6", "[degF]", "Cel"), "37");
  EXPECT_EQ(converted("37", "Cel", "[degF]"), "98.6");
  EXPECT_EQ(converted("-40", "Cel", "[degF]"), "-40");
  EXPECT_EQ(converted("0", "K", "Cel"), "-273.15");
  EXPECT_EQ(converted("0", "Cel", "mK"), "273150");
  EXPECT_EQ(converted("32", "[degF]", "K"), "273.15");
  EXPECT_EQ(converted("310.15", "K", "[degF]"), "98.6");
  EXPECT_EQ(converted("100", "[degF]", "Cel"), "37.7777777777778");
}

TEST(Unit, RefusesWhatIsNotAlike) {
  EXPECT_EQ(converted("1", "kg", "L"), "none");
  EXPECT_EQ(converted("1", "[iU]", "U"), "none");
  EXPECT_EQ(converted("1", "mol", "1"), "none");
  EXPECT_EQ(converted("1", "Cel", "s"), "none");
  EXPECT_EQ(converted("99999999999999999999999999999999999999", "Ym", "ym"), "none");
}

TEST(Unit, ComesBackFromEveryUnitOfItsKind) {
  std::size_t pairs = 0;
  for (const UnitRow& from : unit_rows()) {
    for (const UnitRow& to : unit_rows()) {
      ASSERT_TRUE(parse_unit(from.symbol).has_value()) << from.symbol;
      if (!from.unit.same_kind(to.unit)) continue;
      const auto there = convert(Decimal(3), from.unit, to.unit);
      ASSERT_TRUE(there.has_value()) << from.symbol << " to " << to.symbol;
      const auto back = convert(*there, to.unit, from.unit);
      ASSERT_TRUE(back.has_value()) << from.symbol << " to " << to.symbol;
      const auto difference = back->subtract(Decimal(3));
      ASSERT_TRUE(difference.has_value());
      EXPECT_LT(difference->absolute(), *Decimal::parse("0.0000000001")) << from.symbol << " to " << to.symbol;
      ++pairs;
    }
  }
  EXPECT_GT(pairs, 500U);
}

TEST(Unit, SpellingsAreUnits) {
  EXPECT_EQ(find_spelling("mmhg"), "mm[Hg]");
  EXPECT_EQ(find_spelling("bananas"), "");
  for (const char* small :
       {"degc", "mcg", "24h", "x10^9", "iu", "gcreat", "cells", "lbs", "hpf", "1.73m2", "beats/min", "k/ul"}) {
    EXPECT_TRUE(parse_unit(find_spelling(small)).has_value()) << small;
  }
}

}  // namespace
}  // namespace smarthl7::builtins

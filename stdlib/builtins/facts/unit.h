// SPDX-License-Identifier: Apache-2.0
// Units of measure in the notation of UCUM (The Unified Code for Units of Measure, version 2.1, case sensitive form): a parser
// of its terms over a part of its units (docs/stdlib/units.md lists them), and conversion between units of one kind, on exact
// decimals. Other than UCUM, an amount of substance (mol, eq, osm) is a kind of its own and no number. Factors are fractions of
// whole numbers and a power of ten, so nothing is lost but where a result has no end. Value types; any thread; what is no unit
// of the set is nullopt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stdlib/base/decimal.h"

namespace smarthl7::builtins {

enum class Quantity : std::uint8_t { length, time, mass, temperature, amount, charge, light, international, arbitrary };
inline constexpr std::size_t kQuantities = 9;

/// Temperatures that do not begin at zero.
enum class Scale : std::uint8_t { plain, celsius, fahrenheit };

struct Unit {
  std::uint64_t above = 1;  // the factor to the base units (m, s, g, K, mol, C, cd) is above / below * 10^power
  std::uint64_t below = 1;
  int power = 0;
  std::array<std::int8_t, kQuantities> exponents{};
  Scale scale = Scale::plain;

  [[nodiscard]] bool same_kind(const Unit& other) const { return exponents == other.exponents; }
};

inline constexpr std::size_t kMostUnitText = 100;  // characters

[[nodiscard]] std::optional<Unit> parse_unit(std::string_view text);

/// The value in the other unit: exact, or rounded half away from zero to 15 significant digits if it has no end. With a molar
/// mass (g/mol) a mass may become an amount of substance and back. nullopt: the units measure different things, or the result
/// has more than 38 digits.
[[nodiscard]] std::optional<Decimal> convert(const Decimal& value, const Unit& from, const Unit& to,
                                             const Decimal* molar_mass = nullptr);

}  // namespace smarthl7::builtins

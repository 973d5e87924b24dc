// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/facts/unit.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "stdlib/builtins/facts/unit_table.h"
#include "stdlib/builtins/rounding.h"

namespace smarthl7::builtins {
namespace {

constexpr int kMostPower = 60;  // of ten; beyond it no clinical unit is
constexpr int kMostExponent = 9;
constexpr int kMostDepth = 8;  // of brackets

/// a *= b, lowered first; false: no room.
bool multiply(Unit& a, const Unit& b) {
  const std::uint64_t first = std::gcd(a.above, b.below);
  const std::uint64_t second = std::gcd(b.above, a.below);
  if (__builtin_mul_overflow(a.above / first, b.above / second, &a.above)) return false;
  if (__builtin_mul_overflow(a.below / second, b.below / first, &a.below)) return false;
  a.power += b.power;
  for (std::size_t i = 0; i < kQuantities; ++i) {
    const int sum = a.exponents[i] + b.exponents[i];
    if (sum > 3 * kMostExponent || sum < -3 * kMostExponent) return false;
    a.exponents[i] = static_cast<std::int8_t>(sum);
  }
  return std::abs(a.power) <= kMostPower;
}

Unit inverse(const Unit& unit) {
  Unit result = unit;
  std::swap(result.above, result.below);
  result.power = -unit.power;
  for (auto& exponent : result.exponents) exponent = static_cast<std::int8_t>(-exponent);
  return result;
}

std::optional<Unit> raised(const Unit& unit, int exponent) {
  const Unit base = exponent < 0 ? inverse(unit) : unit;
  Unit result;
  for (int i = 0; i < std::abs(exponent); ++i) {
    if (!multiply(result, base)) return std::nullopt;
  }
  return result;
}

/// The terms of UCUM: components with `.` and `/` between them, in brackets or with an exponent.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Unit> whole() {
    auto unit = term(0);
    return unit && at_ == text_.size() ? unit : std::nullopt;
  }

 private:
  [[nodiscard]] bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
  [[nodiscard]] bool at_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  std::optional<Unit> term(int depth) {
    Unit result;
    bool divide = at('/');
    if (divide) ++at_;
    while (true) {
      const auto part = component(depth);
      if (!part || !multiply(result, divide ? inverse(*part) : *part)) return std::nullopt;
      if (!at('.') && !at('/')) return result;
      divide = at('/');
      ++at_;
    }
  }

  std::optional<Unit> component(int depth) {
    if (at('(')) {
      ++at_;
      if (depth == kMostDepth) return std::nullopt;
      const auto inner = term(depth + 1);
      if (!inner || !at(')')) return std::nullopt;
      ++at_;
      return inner;
    }
    std::optional<Unit> unit;
    if (at('{')) {
      unit = Unit{};
    } else {
      unit = simple();
    }
    if (unit && at('{')) {  // what is counted: says nothing about the size
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos || text_.substr(at_ + 1, end - at_ - 1).find('{') != std::string_view::npos)
        return std::nullopt;
      at_ = end + 1;
    }
    return unit;
  }

  std::optional<Unit> simple() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("10*") || rest.starts_with("10^")) {
      at_ += 3;
      Unit ten;
      ten.power = 1;
      return with_exponent(ten, kMostPower);
    }
    if (at_digit()) {
      Unit number;
      number.above = 0;
      for (; at_digit(); ++at_) {
        if (number.above > 1'000'000'000) return std::nullopt;
        number.above = number.above * 10 + static_cast<std::uint64_t>(text_[at_] - '0');
      }
      return number.above == 0 ? std::nullopt : std::optional(number);
    }
    const std::string_view symbol = read_symbol();
    const auto unit = find_symbol(symbol);
    return unit ? with_exponent(*unit, kMostExponent) : std::nullopt;
  }

  std::string_view read_symbol() {
    const std::size_t begin = at_;
    bool bracket = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '[') bracket = true;
      if (!bracket && (std::string_view("./(){}+-").find(c) != std::string_view::npos || at_digit())) break;
      if (c == ']') bracket = false;
    }
    return text_.substr(begin, at_ - begin);
  }

  std::optional<Unit> with_exponent(const Unit& unit, int most) {
    const bool sign = at('+') || at('-');
    const bool minus = at('-');
    if (sign) ++at_;
    if (!at_digit()) return sign ? std::nullopt : std::optional(unit);
    int exponent = 0;
    for (; at_digit(); ++at_) {
      exponent = exponent * 10 + (text_[at_] - '0');
      if (exponent > most) return std::nullopt;
    }
    return raised(unit, minus ? -exponent : exponent);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<Decimal> power_of_ten(int power) {
  std::optional<Decimal> result = Decimal(1);
  for (; power > 0 && result; --power) result = result->multiply(Decimal(10));
  return result;
}

/// value * above / below * 10^power.
std::optional<Decimal> scaled(const Decimal& value, const Unit& factor) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (factor.above > kMost || factor.below > kMost) return std::nullopt;
  const auto up = power_of_ten(std::max(factor.power, 0));
  const auto down = power_of_ten(std::max(-factor.power, 0));
  if (!up || !down) return std::nullopt;
  auto above = value.plain().multiply(Decimal(static_cast<std::int64_t>(factor.above)));
  if (above) above = above->multiply(*up);
  const auto below = down->multiply(Decimal(static_cast<std::int64_t>(factor.below)));
  if (!above || !below) return std::nullopt;
  for (const int places : {38, 30, 24, 18, 12, 6, 0}) {  // as many as there is room for
    const auto result = above->divide(*below, places);
    if (!result) continue;
    const auto back = result->multiply(*below);
    if (back && *back == *above) return result;
    return rounded_to_digits(*result, 15);
  }
  return std::nullopt;
}

/// In kelvin, and from it: exact but for the thirds of Fahrenheit.
std::optional<Decimal> to_kelvin(const Decimal& value, const Unit& unit) {
  if (unit.scale == Scale::celsius) return value.add(*Decimal::parse("273.15"));
  const auto shifted = value.add(*Decimal::parse("459.67"));
  return shifted ? scaled(*shifted, {.above = 5, .below = 9}) : std::nullopt;
}

std::optional<Decimal> from_kelvin(const Decimal& value, const Unit& unit) {
  if (unit.scale == Scale::celsius) return value.subtract(*Decimal::parse("273.15"));
  const auto fahrenheit = scaled(value, {.above = 9, .below = 5});
  return fahrenheit ? fahrenheit->subtract(*Decimal::parse("459.67")) : std::nullopt;
}

/// 98.60 is 98.6.
std::optional<Decimal> short_form(const std::optional<Decimal>& value) {
  return value ? value->divide(Decimal(1), value->scale()).value_or(*value) : value;
}

std::optional<Decimal> convert_temperature(const Decimal& value, const Unit& from, const Unit& to) {
  if (from.scale == to.scale) return value.plain();
  if (from.scale == Scale::celsius && to.scale == Scale::fahrenheit) {
    const auto nine_fifths = scaled(value, {.above = 9, .below = 5});
    return nine_fifths ? nine_fifths->add(Decimal(32)) : std::nullopt;
  }
  if (from.scale == Scale::fahrenheit && to.scale == Scale::celsius) {
    const auto shifted = value.subtract(Decimal(32));
    return shifted ? scaled(*shifted, {.above = 5, .below = 9}) : std::nullopt;
  }
  if (from.scale == Scale::plain) {
    const auto kelvin = scaled(value, from);
    return kelvin ? from_kelvin(*kelvin, to) : std::nullopt;
  }
  const auto kelvin = to_kelvin(value, from);
  return kelvin ? scaled(*kelvin, inverse(to)) : std::nullopt;
}

constexpr auto kMass = static_cast<std::size_t>(Quantity::mass);
constexpr auto kAmount = static_cast<std::size_t>(Quantity::amount);

}  // namespace

std::optional<Unit> parse_unit(std::string_view text) {
  if (text.empty() || text.size() > kMostUnitText) return std::nullopt;
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain) return std::nullopt;
  if (const auto scale = find_scale(text); scale != Scale::plain) {
    Unit unit;
    unit.exponents[static_cast<std::size_t>(Quantity::temperature)] = 1;
    unit.scale = scale;
    return unit;
  }
  return Parser(text).whole();
}

std::optional<Decimal> convert(const Decimal& value, const Unit& from, const Unit& to, const Decimal* molar_mass) {
  if (from.same_kind(to)) {
    if (from.scale != Scale::plain || to.scale != Scale::plain) return short_form(convert_temperature(value, from, to));
    Unit factor = from;
    return multiply(factor, inverse(to)) ? scaled(value, factor) : std::nullopt;
  }
  if (molar_mass == nullptr || molar_mass->zero() || molar_mass->negative()) return std::nullopt;
  // g = mol * (g/mol): the same kind, once mass has become amount or the other way about.
  Unit gram;
  gram.exponents[kMass] = 1;
  gram.exponents[kAmount] = -1;
  Unit factor = from;
  const bool to_mass = multiply(factor, gram) && factor.same_kind(to);
  if (!to_mass) {
    factor = from;
    if (!multiply(factor, inverse(gram)) || !factor.same_kind(to)) return std::nullopt;
  }
  if (!multiply(factor, inverse(to))) return std::nullopt;
  if (to_mass) {
    const auto mass = value.plain().multiply(*molar_mass);
    return mass ? scaled(*mass, factor) : std::nullopt;
  }
  const auto amount = scaled(value, factor);
  if (!amount) return std::nullopt;
  const auto result = amount->divide(*molar_mass, 24);
  if (!result) return std::nullopt;
  const auto back = result->multiply(*molar_mass);
  return back && *back == *amount ? *result : rounded_to_digits(*result, 15);
}

}  // namespace smarthl7::builtins

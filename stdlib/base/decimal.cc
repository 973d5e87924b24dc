// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/decimal.h"

#include <algorithm>
#include <array>
#include <limits>

namespace smarthl7 {
namespace {

__extension__ using U128 = unsigned __int128;

consteval std::array<U128, Decimal::kMaxDigits + 1> make_powers() {
  std::array<U128, Decimal::kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowers = make_powers();
constexpr U128 kLimit = kPowers[Decimal::kMaxDigits];

/// value * 10^places, if that stays below the limit.
std::optional<U128> scaled(U128 value, int places) {
  if (value == 0) return U128{0};
  if (places > Decimal::kMaxDigits) return std::nullopt;
  const U128 power = kPowers[static_cast<std::size_t>(places)];
  if (value > (kLimit - 1) / power) return std::nullopt;
  return value * power;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Decimal> Decimal::make(Wide mantissa, int scale) {
  UnsignedWide size = magnitude(mantissa);
  while (scale > kMaxDigits && size % 10 == 0) {
    size /= 10;
    mantissa /= 10;
    --scale;
    if (size == 0) scale = 0;
  }
  if (size >= kLimit || scale > kMaxDigits) return std::nullopt;
  Decimal result;
  result.mantissa_ = mantissa;
  result.scale_ = static_cast<std::uint8_t>(scale);
  return result;
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  if (text.size() > kMaxText - 4) return std::nullopt;
  Decimal result;
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    result.sign_ = text[0];
    at = 1;
  }
  UnsignedWide value = 0;
  int whole = 0;
  int fraction = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    ++(point ? fraction : whole);
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value >= kLimit || fraction > kMaxDigits) return std::nullopt;
  }
  if (whole + fraction == 0) return std::nullopt;
  result.mantissa_ = result.sign_ == '-' ? -static_cast<Wide>(value) : static_cast<Wide>(value);
  result.scale_ = static_cast<std::uint8_t>(fraction);
  result.whole_digits_ = static_cast<std::uint8_t>(whole);
  result.bare_point_ = point && fraction == 0;
  return result;
}

std::size_t Decimal::print(char* out) const {
  std::array<char, kMaxText> reversed{};
  std::size_t count = 0;
  UnsignedWide rest = magnitude(mantissa_);
  const auto digit = [&] {
    reversed[count++] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  };
  for (int i = 0; i < scale_; ++i) digit();
  if (scale_ > 0 || bare_point_) reversed[count++] = '.';
  for (int i = 0; i < whole_digits_ || rest != 0; ++i) digit();
  if (mantissa_ < 0) {
    reversed[count++] = '-';
  } else if (sign_ != 0) {
    reversed[count++] = sign_;
  }
  std::reverse_copy(reversed.begin(), reversed.begin() + static_cast<std::ptrdiff_t>(count), out);
  return count;
}

std::string Decimal::to_string() const {
  std::array<char, kMaxText> buffer{};
  return {buffer.data(), print(buffer.data())};
}

Decimal Decimal::plain() const {
  Decimal result;
  result.mantissa_ = mantissa_;
  result.scale_ = scale_;
  return result;
}

std::int64_t Decimal::to_int64() const {
  const Wide whole = mantissa_ / static_cast<Wide>(kPowers[scale_]);
  return static_cast<std::int64_t>(
      std::clamp<Wide>(whole, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
}

std::optional<Decimal> Decimal::add(const Decimal& other) const {
  const int scale = std::max(scale_, other.scale_);
  const auto left = scaled(magnitude(mantissa_), scale - scale_);
  const auto right = scaled(magnitude(other.mantissa_), scale - other.scale_);
  if (!left || !right) return std::nullopt;
  const Wide a = mantissa_ < 0 ? -static_cast<Wide>(*left) : static_cast<Wide>(*left);
  const Wide b = other.mantissa_ < 0 ? -static_cast<Wide>(*right) : static_cast<Wide>(*right);
  Wide sum = 0;  // both are below 10^38, the sum may pass 2^127
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return make(sum, scale);
}

std::optional<Decimal> Decimal::subtract(const Decimal& other) const {
  Decimal negated = other.plain();
  negated.mantissa_ = -negated.mantissa_;
  return add(negated);
}

std::optional<Decimal> Decimal::multiply(const Decimal& other) const {
  Wide product = 0;
  if (__builtin_mul_overflow(mantissa_, other.mantissa_, &product)) return std::nullopt;
  return make(product, scale_ + other.scale_);
}

std::optional<Decimal> Decimal::divide(const Decimal& other, int places) const {
  if (other.mantissa_ == 0) return std::nullopt;
  places = std::clamp(places, 0, kMaxDigits);
  const UnsignedWide divisor = magnitude(other.mantissa_);
  UnsignedWide quotient = magnitude(mantissa_) / divisor;
  UnsignedWide rest = magnitude(mantissa_) % divisor;
  const int shift = places + other.scale_ - scale_;
  bool up = false;
  if (shift >= 0) {
    for (int i = 0; i < shift; ++i) {
      // The next digit is 10 * rest / divisor, by additions since the product may not fit.
      unsigned digit = 0;
      UnsignedWide sum = 0;
      for (int k = 0; k < 10; ++k) {
        sum += rest;
        if (sum >= divisor) {
          sum -= divisor;
          ++digit;
        }
      }
      rest = sum;
      if (quotient > (kLimit - 1 - digit) / 10) return std::nullopt;
      quotient = quotient * 10 + digit;
    }
    up = rest >= divisor - rest;
  } else if (-shift > kMaxDigits) {
    quotient = 0;
  } else {
    const UnsignedWide power = kPowers[static_cast<std::size_t>(-shift)];
    up = quotient % power >= power / 2;
    quotient /= power;
  }
  if (up) ++quotient;
  while (places > 0 && quotient % 10 == 0) {
    quotient /= 10;
    --places;
  }
  const bool minus = (mantissa_ < 0) != (other.mantissa_ < 0);
  return make(minus ? -static_cast<Wide>(quotient) : static_cast<Wide>(quotient), places);
}

Decimal Decimal::rounded(int places) const {
  places = std::max(places, 0);
  if (scale_ <= places) return *this;
  const UnsignedWide power = kPowers[static_cast<std::size_t>(scale_ - places)];
  UnsignedWide kept = magnitude(mantissa_) / power;
  if (magnitude(mantissa_) % power >= power / 2) ++kept;
  Decimal result;
  result.mantissa_ = mantissa_ < 0 ? -static_cast<Wide>(kept) : static_cast<Wide>(kept);
  result.scale_ = static_cast<std::uint8_t>(places);
  return result;
}

Decimal Decimal::absolute() const {
  if (mantissa_ >= 0 && sign_ != '-') return *this;
  Decimal result = plain();
  result.mantissa_ = static_cast<Wide>(magnitude(mantissa_));
  return result;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.negative() != b.negative()) return a.negative() ? std::strong_ordering::less : std::strong_ordering::greater;
  const int scale = std::max(a.scale_, b.scale_);
  const auto left = scaled(Decimal::magnitude(a.mantissa_), scale - a.scale_);
  const auto right = scaled(Decimal::magnitude(b.mantissa_), scale - b.scale_);
  std::strong_ordering order = std::strong_ordering::equal;
  if (left && right) {
    order = *left <=> *right;
  } else {
    // Only the one with the smaller scale is widened, so only one can have outgrown the limit: it is the bigger one.
    order = left ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.negative() ? 0 <=> order : order;
}

}  // namespace smarthl7

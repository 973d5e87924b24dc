// SPDX-License-Identifier: Apache-2.0
// Exact decimal numbers: a mantissa of at most 38 digits and a scale (digits after the point). No binary fractions, so 0.1
// is 0.1. A number that was read prints as it was sent ("+007.50"); one that was computed prints plainly.
// Value type; any thread. Nothing rounds silently: a result that does not fit is no result (nullopt), only divide() and
// rounded() round, and they say how: half away from zero.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smarthl7 {

class Decimal {
 public:
  static constexpr int kMaxDigits = 38;

  Decimal() = default;
  explicit Decimal(std::int64_t value) : mantissa_(value) {}

  /// [+-] digits [. digits], as HL7's NM type has it; also ".5" and "5.". No blanks, no exponent. nullopt: not a number, or
  /// one with more than 38 digits that count, or 60 characters.
  [[nodiscard]] static std::optional<Decimal> parse(std::string_view text);

  /// The digits as sent, or the plain form.
  [[nodiscard]] std::string to_string() const;
  /// Writes to_string() into a buffer of at least kMaxText characters; gives its length.
  static constexpr std::size_t kMaxText = 64;
  std::size_t print(char* out) const;
  /// The same number in plain form: no plus sign, no needless zeros in front, scale as it is.
  [[nodiscard]] Decimal plain() const;

  [[nodiscard]] int scale() const { return scale_; }
  [[nodiscard]] bool negative() const { return mantissa_ < 0; }
  [[nodiscard]] bool zero() const { return mantissa_ == 0; }
  /// The part before the point, or the nearest that an int64 can hold.
  [[nodiscard]] std::int64_t to_int64() const;

  [[nodiscard]] std::optional<Decimal> add(const Decimal& other) const;
  [[nodiscard]] std::optional<Decimal> subtract(const Decimal& other) const;
  [[nodiscard]] std::optional<Decimal> multiply(const Decimal& other) const;
  /// With at most `places` digits after the point and without trailing zeros. nullopt: division by zero, or no room.
  [[nodiscard]] std::optional<Decimal> divide(const Decimal& other, int places) const;
  /// At most `places` (0 or more) digits after the point; a number with fewer stays as it is.
  [[nodiscard]] Decimal rounded(int places) const;
  [[nodiscard]] Decimal absolute() const;

  /// By value: 1.0 equals 1.
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

 private:
  __extension__ using Wide = __int128;
  __extension__ using UnsignedWide = unsigned __int128;
  static std::optional<Decimal> make(Wide mantissa, int scale);
  static UnsignedWide magnitude(Wide value) {
    return value < 0 ? -static_cast<UnsignedWide>(value) : static_cast<UnsignedWide>(value);
  }

  Wide mantissa_ = 0;
  std::uint8_t scale_ = 0;
  // The form as sent: at least so many digits before the point, a sign to be shown, a point without digits behind it.
  std::uint8_t whole_digits_ = 1;
  char sign_ = 0;
  bool bare_point_ = false;
};

}  // namespace smarthl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/check_digit.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

[[nodiscard]] char digit_of(unsigned number) { return static_cast<char>('0' + number); }

/// 0-9, A-Z, '*' as 0-36; -1 for what is none.
[[nodiscard]] int iso_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return c == '*' ? 36 : -1;
}

/// The pure systems of ISO 7064: the weighted sum is 1 modulo M. Horner's rule, radix r.
[[nodiscard]] bool is_pure(std::string_view text, unsigned modulus, unsigned radix) {
  unsigned long sum = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    int value = iso_value(text[at]);
    const bool last = at + 1 == text.size();
    if (modulus == 11 && last && text[at] == 'X') value = 10;
    const int most = modulus == 37 ? (last ? 36 : 35) : (modulus == 11 && last ? 10 : 9);
    if (value < 0 || value > most) return false;
    sum = (sum * radix + static_cast<unsigned>(value)) % modulus;
  }
  return sum == 1;
}

/// MOD 11,10 and MOD 37,36.
[[nodiscard]] bool is_hybrid(std::string_view text, unsigned modulus) {
  unsigned carry = modulus;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int value = iso_value(text[at]);
    if (value < 0 || value >= static_cast<int>(modulus)) return false;
    unsigned sum = (carry + static_cast<unsigned>(value)) % modulus;
    if (at + 1 == text.size()) return sum == 1;
    if (sum == 0) sum = modulus;
    carry = sum * 2 % (modulus + 1);
  }
  return false;
}

}  // namespace

std::optional<char> mod10_digit(std::string_view digits) {
  if (!all_digits(digits)) return std::nullopt;
  unsigned sum = 0;
  bool doubled = true;
  for (std::size_t at = digits.size(); at-- > 0; doubled = !doubled) {
    const auto digit = static_cast<unsigned>(digits[at] - '0');
    sum += doubled ? (digit * 2) / 10 + (digit * 2) % 10 : digit;
  }
  return digit_of((10 - sum % 10) % 10);
}

std::optional<char> mod11_digit(std::string_view digits) {
  if (!all_digits(digits)) return std::nullopt;
  unsigned long sum = 0;
  unsigned weight = 2;
  for (std::size_t at = digits.size(); at-- > 0; weight = weight == 7 ? 2 : weight + 1) {
    sum += static_cast<unsigned>(digits[at] - '0') * weight;
  }
  unsigned rest = static_cast<unsigned>(sum % 11);
  if (rest == 0) rest = 1;
  return digit_of((11 - rest) % 10);
}

bool is_iso7064(std::string_view text) {
  if (text.size() < 2) return false;
  return is_pure(text, 11, 2) || is_pure(text, 37, 2) || is_pure(text, 97, 10) || is_hybrid(text, 10) || is_hybrid(text, 36);
}

std::optional<bool> check_digit_fits(std::string_view scheme, std::string_view identifier, std::string_view check) {
  if (identifier.empty() || check.empty()) return std::nullopt;
  if (scheme == "ISO") {
    const bool known = std::all_of(identifier.begin(), identifier.end(), [](char c) { return iso_value(c) >= 0 && c != '*'; });
    if (!known) return std::nullopt;
    const bool holds_it = identifier.size() > check.size() && identifier.ends_with(check) && is_iso7064(identifier);
    return holds_it || is_iso7064(std::string(identifier) + std::string(check));
  }
  std::string_view prefix;
  if (scheme == "NPI") {
    prefix = "80840";  // the card issuer that the NPI stands for
  } else if (scheme != "M10" && scheme != "M11" && scheme != "BCV") {
    return std::nullopt;
  }
  if (!all_digits(identifier)) return std::nullopt;  // "null if the identifier is alphanumeric"
  const auto fits = [&](std::string_view number) {
    const auto right = scheme == "M11" ? mod11_digit(number) : mod10_digit(std::string(prefix) + std::string(number));
    return right && check.size() == 1 && check[0] == *right;
  };
  if (fits(identifier)) return true;
  return identifier.size() > 1 && identifier.back() == check[0] && fits(identifier.substr(0, identifier.size() - 1));
}

}  // namespace smarthl7::hl7

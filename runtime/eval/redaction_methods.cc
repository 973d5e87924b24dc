// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/redaction_methods.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "stdlib/base/digest.h"

namespace smarthl7::eval {
namespace {

constexpr int kOldestAge = 90;

/// Areas of three digits with at most 20,000 people: 2000 Census (HHS, "Guidance Regarding Methods for De-identification",
/// 2012) and 2010 Census (by ZCTA).
constexpr std::array<std::string_view, 22> kSparse = {"036", "059", "063", "102", "203", "205", "369", "556",
                                                      "692", "753", "772", "790", "821", "823", "830", "831",
                                                      "878", "879", "884", "890", "893", "000"};

/// LOINC: age, estimated, reported, calculated, at specimen collection, at death, now or at death.
constexpr std::array<std::string_view, 7> kAgeCodes = {"30525-0", "21611-9", "21612-7", "29553-5",
                                                       "35659-2", "39016-1", "63900-5"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_number(int value, int width, std::string& out) {
  std::array<char, 12> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  static_cast<void>(error);
  const auto length = static_cast<int>(end - digits.data());
  for (int i = length; i < width; ++i) out += '0';
  out.append(digits.data(), end);
}

std::string_view bytes_of(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace

void cut_to_year(std::string_view text, std::optional<int> reference_year, std::string& out) {
  const auto time = hl7::read_timestamp(text);
  if (!time || !reference_year) return;
  append_number(std::max<int>(time->year, *reference_year - kOldestAge), 4, out);
}

void fold_age(std::string_view text, std::string& out) {
  int age = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
  if (error != std::errc{} || end != text.data() + text.size() || age < 0) return;
  append_number(std::min(age, kOldestAge), 1, out);
}

void cut_zip(std::string_view text, std::string& out) {
  const std::size_t digits = text.size() == 3 ? 3 : 5;  // three: cut already
  if (text.size() < digits || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(digits), is_digit)) return;
  std::string_view rest = text.substr(digits);
  if (rest.starts_with('-')) rest.remove_prefix(1);
  const bool right = rest.empty() ? text.size() == digits : rest.size() == 4 && std::all_of(rest.begin(), rest.end(), is_digit);
  if (!right) return;
  const std::string_view area = text.substr(0, 3);
  out += std::find(kSparse.begin(), kSparse.end(), area) == kSparse.end() ? area : std::string_view("000");
}

void mask(std::string_view text, std::uint32_t shown, bool shape, std::string& out) {
  const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  if (shape) {
    for (const char c : text) {
      if (!is_lead(c)) continue;
      const bool capital = c >= 'A' && c <= 'Z';
      const bool letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80U;
      out += capital ? 'X' : letter ? 'x' : is_digit(c) ? '9' : c;
    }
    return;
  }
  if (shown == 0) {
    out += "***";
    return;
  }
  const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_lead));
  const std::size_t hidden = characters > shown ? characters - shown : characters;
  out.append(hidden, '*');
  std::size_t at = 0;
  for (std::size_t passed = 0; at < text.size(); ++at) {
    if (is_lead(text[at]) && passed++ == hidden) break;
  }
  out += text.substr(at);
}

void shift_date(std::string_view text, int days, std::string& out) {
  const auto time = hl7::read_timestamp(text);
  if (!time) return;
  using namespace std::chrono;
  // A month or a year moves by its middle.
  const unsigned day_in = time->precision >= hl7::Precision::day     ? time->day
                          : time->precision == hl7::Precision::month ? 15U
                                                                     : 2U;
  const unsigned month_in = time->precision >= hl7::Precision::month ? time->month : 7U;
  const year_month_day moved{sys_days{year{time->year} / month{month_in} / day{day_in}} + std::chrono::days{days}};
  const int year_out = static_cast<int>(moved.year());
  if (year_out < 1 || year_out > 9999) return;
  append_number(year_out, 4, out);
  if (time->precision >= hl7::Precision::month) append_number(static_cast<int>(static_cast<unsigned>(moved.month())), 2, out);
  if (time->precision >= hl7::Precision::day) append_number(static_cast<int>(static_cast<unsigned>(moved.day())), 2, out);
  const std::size_t digits = time->precision >= hl7::Precision::day ? 8 : time->precision == hl7::Precision::month ? 6 : 4;
  out += text.substr(std::min(digits, text.size()));
}

int days_of(std::string_view secret, std::string_view key, std::uint32_t most) {
  const Sha256 digest = hmac_sha256(secret, key);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | digest[i];
  const auto range = static_cast<int>(most);
  const int value = static_cast<int>(number % (2ULL * most));
  return value < range ? value - range : value - range + 1;
}

void hash(std::string_view secret, std::string_view text, std::uint32_t length, std::string& out) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const Sha256 digest = hmac_sha256(secret, text);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : bytes_of(digest)) {
    bits = (bits << 8U | static_cast<unsigned char>(c)) & 0xFFFFU;
    held += 8;
    for (; held >= 5 && length > 0; held -= 5, --length) out += kAlphabet[bits >> (held - 5U) & 31U];
  }
  if (length > 0 && held > 0) out += kAlphabet[bits << (5U - held) & 31U];
}

std::optional<int> ninety_years_in(std::string_view unit) {
  if (unit.empty() || unit == "a" || unit == "yr" || unit == "Y" || unit == "y" || unit == "years" || unit == "year") return 90;
  if (unit == "mo" || unit == "months" || unit == "month") return 90 * 12;
  if (unit == "wk" || unit == "weeks" || unit == "week") return 4696;
  if (unit == "d" || unit == "days" || unit == "day") return 32873;
  return std::nullopt;
}

bool is_age_code(std::string_view code) { return std::find(kAgeCodes.begin(), kAgeCodes.end(), code) != kAgeCodes.end(); }

}  // namespace smarthl7::eval

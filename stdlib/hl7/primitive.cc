// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/primitive.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::hl7 {
namespace {

[[nodiscard]] bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c); });
}

/// The standard has 16 (2.5.1 ch. 2.A.47); what validation passes must be a number that can be computed with.
constexpr std::size_t kMaxNumberDigits = 38;

[[nodiscard]] bool is_number(std::string_view value) {
  if (!value.empty() && (value[0] == '+' || value[0] == '-')) value.remove_prefix(1);
  std::size_t digits = 0;
  bool point = false;
  for (const char c : value) {
    if (is_digit(c)) {
      ++digits;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      return false;
    }
  }
  return digits > 0 && digits <= kMaxNumberDigits;
}

[[nodiscard]] unsigned days_in(unsigned year, unsigned month) {
  constexpr std::array<unsigned, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

/// Takes digits from the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  /// False if there are not that many, or the number is out of range.
  [[nodiscard]] bool take(std::size_t count, unsigned least, unsigned most, unsigned& number) {
    if (rest_.size() < count) return false;
    number = 0;
    for (std::size_t at = 0; at < count; ++at) {
      if (!is_digit(rest_[at])) return false;
      number = number * 10 + static_cast<unsigned>(rest_[at] - '0');
    }
    rest_.remove_prefix(count);
    return number >= least && number <= most;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void drop(std::size_t count) { rest_.remove_prefix(count); }

 private:
  std::string_view rest_;
};

/// "+0100" off the end of a time; false if what stands there is no offset.
[[nodiscard]] bool take_offset(std::string_view& value, std::optional<std::int16_t>& offset) {
  std::size_t at = 0;
  while (at < value.size() && value[at] != '+' && value[at] != '-') ++at;
  if (at == value.size()) return true;
  Digits digits(value.substr(at + 1));
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!digits.take(2, 0, 23, hours) || !digits.take(2, 0, 59, minutes) || !digits.done()) return false;
  const auto total = static_cast<std::int16_t>(hours * 60 + minutes);
  offset = value[at] == '-' ? static_cast<std::int16_t>(-total) : total;
  value = value.substr(0, at);
  return true;
}

/// HH[MM[SS[.S[S[S[S]]]]]]
[[nodiscard]] bool take_clock(Digits& digits, Timestamp& time) {
  unsigned number = 0;
  if (!digits.take(2, 0, 23, number)) return false;
  time.hour = static_cast<std::uint8_t>(number);
  time.precision = Precision::hour;
  if (digits.done()) return true;
  if (!digits.take(2, 0, 59, number)) return false;
  time.minute = static_cast<std::uint8_t>(number);
  time.precision = Precision::minute;
  if (digits.done()) return true;
  if (!digits.take(2, 0, 60, number)) return false;  // 60: a leap second
  time.second = static_cast<std::uint8_t>(number);
  time.precision = Precision::second;
  if (digits.done()) return true;
  if (digits.rest()[0] != '.') return false;
  digits.drop(1);
  const std::size_t places = digits.rest().size();
  if (places < 1 || places > 4 || !digits.take(places, 0, 9999, number)) return false;
  for (std::size_t missing = places; missing < 4; ++missing) number *= 10;
  time.ten_thousandths = static_cast<std::uint16_t>(number);
  time.precision = static_cast<Precision>(static_cast<std::size_t>(Precision::second) + places);
  return true;
}

[[nodiscard]] bool is_date(std::string_view value) {
  const auto date = read_timestamp(value);
  return date && date->precision <= Precision::day && !date->offset_minutes;
}

/// [NN] [(999)]999-9999[X99999][B99999][C any text]; blanks between the parts are taken.
[[nodiscard]] bool is_telephone(std::string_view value) {
  const auto digits = [&](std::size_t least, std::size_t most) {
    std::size_t count = 0;
    while (count < value.size() && count <= most && is_digit(value[count])) ++count;
    if (count < least || count > most) return false;
    value.remove_prefix(count);
    return true;
  };
  const auto skip = [&](char c) {
    if (value.empty() || value[0] != c) return false;
    value.remove_prefix(1);
    return true;
  };
  if (value.size() > 3 && is_digit(value[0]) && value[3] != '-') {  // a country code
    if (!digits(1, 3)) return false;
    if (!skip(' ') && (value.empty() || value[0] != '(')) return false;
  }
  if (skip('(')) {
    if (!digits(1, 5) || !skip(')')) return false;
    skip(' ');
  }
  if (!digits(3, 3) || !skip('-') || !digits(4, 4)) return false;
  while (skip(' ')) {
  }
  if (skip('X') && !digits(1, 5)) return false;
  while (skip(' ')) {
  }
  if (skip('B') && !digits(1, 5)) return false;
  while (skip(' ')) {
  }
  return value.empty() || value[0] == 'C';
}

}  // namespace

std::optional<Timestamp> read_timestamp(std::string_view value) {
  Timestamp time;
  if (!take_offset(value, time.offset_minutes)) return std::nullopt;
  Digits digits(value);
  unsigned number = 0;
  if (!digits.take(4, 0, 9999, number)) return std::nullopt;
  time.year = static_cast<std::uint16_t>(number);
  if (digits.done()) return time;
  if (!digits.take(2, 1, 12, number)) return std::nullopt;
  time.month = static_cast<std::uint8_t>(number);
  time.precision = Precision::month;
  if (digits.done()) return time;
  if (!digits.take(2, 1, days_in(time.year, time.month), number)) return std::nullopt;
  time.day = static_cast<std::uint8_t>(number);
  time.precision = Precision::day;
  if (digits.done()) return time;
  if (!take_clock(digits, time)) return std::nullopt;
  return time;
}

std::optional<Timestamp> read_time(std::string_view value) {
  Timestamp time;
  if (!take_offset(value, time.offset_minutes)) return std::nullopt;
  Digits digits(value);
  if (!take_clock(digits, time)) return std::nullopt;
  return time;
}

Primitive primitive_of(std::string_view type, std::string_view version) {
  const bool whole_days = compare_versions(version, "2.3").value_or(0) < 0;
  const bool whole_minutes = compare_versions(version, "2.5").value_or(0) < 0;
  if (type == "NM") return Primitive::nm;
  if (type == "SI") return Primitive::si;
  if (type == "DT") return whole_days ? Primitive::dt_day : Primitive::dt;
  if (type == "TM") return whole_days ? Primitive::tm_minute : Primitive::tm;
  if (type == "DTM" || type == "TS") {
    return whole_days ? Primitive::dtm_day : whole_minutes ? Primitive::dtm_minute : Primitive::dtm;
  }
  if (type == "TN") return Primitive::tn;
  return Primitive::other;
}

Rule rule_of(Primitive primitive) {
  switch (primitive) {
    case Primitive::other: return Rule::other;
    case Primitive::nm: return Rule::number;
    case Primitive::si: return Rule::sequence_id;
    case Primitive::dt:
    case Primitive::dt_day: return Rule::date;
    case Primitive::tm:
    case Primitive::tm_minute: return Rule::time;
    case Primitive::dtm:
    case Primitive::dtm_minute:
    case Primitive::dtm_day: return Rule::timestamp;
    case Primitive::tn: return Rule::telephone;
  }
  return Rule::other;
}

bool is_well_formed(Primitive primitive, std::string_view value) {
  switch (primitive) {
    case Primitive::other: return true;
    case Primitive::nm: return is_number(value);
    case Primitive::si: return !value.empty() && all_digits(value);
    case Primitive::tm: return read_time(value).has_value();
    case Primitive::tm_minute: {
      const auto time = read_time(value);
      return time && time->precision != Precision::hour;
    }
    case Primitive::dtm: return read_timestamp(value).has_value();
    case Primitive::dtm_minute: {
      const auto time = read_timestamp(value);
      return time && time->precision != Precision::hour;
    }
    case Primitive::dtm_day: {
      const auto time = read_timestamp(value);
      return time && time->precision >= Precision::day && time->precision != Precision::hour;
    }
    case Primitive::dt: return value.size() <= 8 && is_date(value);
    case Primitive::dt_day: return value.size() == 8 && is_date(value);
    case Primitive::tn: return is_telephone(value);
  }
  return true;
}

std::string_view expectation(Primitive primitive) {
  switch (primitive) {
    case Primitive::other: return "text";
    case Primitive::nm: return "a number";
    case Primitive::si: return "a whole number, not negative";
    case Primitive::dt: return "a date (YYYY[MM[DD]])";
    case Primitive::dt_day: return "a date (YYYYMMDD)";
    case Primitive::tm: return "a time (HH[MM[SS]], offset optional)";
    case Primitive::tm_minute: return "a time (HHMM[SS], offset optional)";
    case Primitive::dtm: return "a date or time (YYYY[MM[DD[HH[MM[SS]]]]], offset optional)";
    case Primitive::dtm_minute: return "a date or time (YYYY[MM[DD[HHMM[SS]]]], offset optional)";
    case Primitive::dtm_day: return "a date or time (YYYYMMDD[HHMM[SS]], offset optional)";
    case Primitive::tn: return "a telephone number ([NN] [(999)]999-9999[X99999][B99999][C text])";
  }
  return "text";
}

}  // namespace smarthl7::hl7

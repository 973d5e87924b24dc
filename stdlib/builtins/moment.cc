// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/moment.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>

namespace smarthl7::builtins {
namespace {

Moment from_hl7(const hl7::Timestamp& time) {
  Moment moment;
  moment.year = time.year;
  moment.month = time.month;
  moment.day = time.day;
  moment.hour = time.hour;
  moment.minute = time.minute;
  moment.second = time.second;
  moment.ten_thousandths = time.ten_thousandths;
  moment.precision = time.precision;
  moment.offset_minutes = time.offset_minutes.value_or(Moment::kNoOffset);
  return moment;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// ISO 8601's extended form without its signs, so that it reads as HL7's; false if it is not of that form. The clock's part
/// begins after `T`; a time begins with the clock.
class IsoText {
 public:
  IsoText(MomentKind kind, std::string_view text) : kind_(kind), rest_(text) {}

  [[nodiscard]] bool read() {
    if (kind_ != MomentKind::time && !date()) return false;
    if (rest_.empty()) return true;
    if (kind_ == MomentKind::date) return false;
    if (kind_ == MomentKind::timestamp && !skip('T')) return false;
    return clock() && offset() && rest_.empty();
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  [[nodiscard]] bool digits(std::size_t count) {
    if (rest_.size() < count || size_ + count > text_.size()) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return false;
      text_[size_++] = rest_[i];
    }
    rest_.remove_prefix(count);
    return true;
  }
  [[nodiscard]] bool skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void put(char c) {
    if (size_ < text_.size()) text_[size_++] = c;
  }
  [[nodiscard]] bool date() {
    if (!digits(4) || !skip('-') || !digits(2)) return false;
    return !skip('-') || digits(2);
  }
  [[nodiscard]] bool clock() {
    if (!digits(2) || !skip(':') || !digits(2)) return false;
    if (!skip(':')) return true;
    if (!digits(2)) return false;
    if (!skip('.')) return true;
    put('.');
    std::size_t places = 0;
    while (places < rest_.size() && is_digit(rest_[places])) ++places;
    return places >= 1 && places <= 4 && digits(places);
  }
  [[nodiscard]] bool offset() {
    if (rest_.empty()) return true;
    if (skip('Z')) {
      for (const char c : {'+', '0', '0', '0', '0'}) put(c);
      return true;
    }
    const char sign = rest_[0];
    if (sign != '+' && sign != '-') return false;
    rest_.remove_prefix(1);
    put(sign);
    return digits(2) && skip(':') && digits(2);
  }

  MomentKind kind_;
  std::string_view rest_;
  std::array<char, 32> text_{};
  std::size_t size_ = 0;
};

/// Days before the first of January of the year, from 0000-01-01.
std::int64_t days_before_year(std::int64_t year) {
  if (year == 0) return 0;
  const std::int64_t y = year - 1;  // 0000 is a leap year
  return 366 + y * 365 + y / 4 - y / 100 + y / 400;
}

/// A time with an offset is the time somewhere; two of them are compared only at one offset.
std::int64_t instant(const Moment& moment) {
  const std::int64_t ticks = ticks_of(moment);
  return moment.has_offset() ? ticks - std::int64_t{moment.offset_minutes} * 60 * kTicksPerSecond : ticks;
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array<Unit, 5> kDurations = {
    {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1000}}};
constexpr std::array<Unit, 3> kSizes = {{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};

std::size_t print_count(std::int64_t count, std::span<const Unit> units, std::string_view smallest, std::string_view of_zero,
                        char* out) {
  std::string_view unit = count == 0 ? of_zero : smallest;
  if (count != 0) {
    const auto fits = std::find_if(units.begin(), units.end(), [count](const Unit& u) { return count % u.factor == 0; });
    if (fits != units.end()) {
      count /= fits->factor;
      unit = fits->name;
    }
  }
  char* const end = std::to_chars(out, out + 20, count).ptr;
  std::memcpy(end, unit.data(), unit.size());
  return static_cast<std::size_t>(end - out) + unit.size();
}

char* print_digits(char* out, unsigned number, int places) {
  for (int i = places - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return out + places;
}

}  // namespace

std::optional<Moment> read_moment(MomentKind kind, std::string_view text) {
  const auto read = [kind](std::string_view value) -> std::optional<Moment> {
    const auto time = kind == MomentKind::time ? hl7::read_time(value) : hl7::read_timestamp(value);
    if (!time || (kind == MomentKind::date && (time->precision > Precision::day || time->offset_minutes))) return std::nullopt;
    return from_hl7(*time);
  };
  if (const auto moment = read(text)) return moment;
  IsoText iso(kind, text);
  if (!iso.read()) return std::nullopt;
  return read(iso.text());
}

std::size_t print_moment(MomentKind kind, const Moment& moment, char* out) {
  char* at = out;
  const Precision precision = moment.precision;
  if (kind != MomentKind::time) {
    at = print_digits(at, moment.year, 4);
    if (precision >= Precision::month) at = print_digits(at, moment.month, 2);
    if (precision >= Precision::day) at = print_digits(at, moment.day, 2);
  }
  if (precision >= Precision::hour) at = print_digits(at, moment.hour, 2);
  if (precision >= Precision::minute) at = print_digits(at, moment.minute, 2);
  if (precision >= Precision::second) at = print_digits(at, moment.second, 2);
  if (precision > Precision::second) {
    const int places = static_cast<int>(precision) - static_cast<int>(Precision::second);
    unsigned fraction = moment.ten_thousandths;
    for (int i = places; i < 4; ++i) fraction /= 10;
    *at++ = '.';
    at = print_digits(at, fraction, places);
  }
  if (moment.has_offset()) {
    const int minutes = moment.offset_minutes;
    const auto size = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
    *at++ = minutes < 0 ? '-' : '+';
    at = print_digits(at, size / 60, 2);
    at = print_digits(at, size % 60, 2);
  }
  return static_cast<std::size_t>(at - out);
}

std::optional<Moment> cut(const Moment& moment, Precision precision) {
  if (moment.precision < precision) return std::nullopt;
  Moment result = moment;
  result.precision = precision;
  if (precision < Precision::month) result.month = 1;
  if (precision < Precision::day) result.day = 1;
  if (precision < Precision::hour) result.hour = 0;
  if (precision < Precision::minute) result.minute = 0;
  if (precision < Precision::second) result.second = 0;
  unsigned keep = 1;
  for (int p = static_cast<int>(precision); p < static_cast<int>(Precision::ten_thousandth); ++p) keep *= 10;
  result.ten_thousandths =
      precision <= Precision::second ? std::uint16_t{0} : static_cast<std::uint16_t>(moment.ten_thousandths / keep * keep);
  return result;
}

unsigned days_in_month(unsigned year, unsigned month) {
  constexpr std::array<std::uint8_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::int64_t day_number(const Moment& moment) {
  std::int64_t days = days_before_year(moment.year);
  for (unsigned month = 1; month < moment.month; ++month) days += days_in_month(moment.year, month);
  return days + moment.day - 1;
}

int weekday(const Moment& moment) { return static_cast<int>((day_number(moment) + 5) % 7) + 1; }  // 0000-01-01: a Saturday

std::int64_t ticks_of(const Moment& moment) {
  const std::int64_t seconds = (std::int64_t{moment.hour} * 60 + moment.minute) * 60 + moment.second;
  return day_number(moment) * kTicksPerDay + seconds * kTicksPerSecond + moment.ten_thousandths;
}

std::optional<Moment> moment_at(MomentKind kind, std::int64_t ticks, Precision precision, std::int16_t offset_minutes) {
  if (ticks < 0 || (kind == MomentKind::time && ticks >= kTicksPerDay)) return std::nullopt;
  std::int64_t days = ticks / kTicksPerDay;
  if (days >= days_before_year(10'000)) return std::nullopt;
  Moment moment;
  auto year = static_cast<unsigned>(days / 366);  // never too late
  while (days_before_year(year + 1) <= days) ++year;
  moment.year = static_cast<std::uint16_t>(year);
  days -= days_before_year(year);
  unsigned month = 1;
  for (; days >= days_in_month(year, month); ++month) days -= days_in_month(year, month);
  moment.month = static_cast<std::uint8_t>(month);
  moment.day = static_cast<std::uint8_t>(days + 1);
  const std::int64_t clock = ticks % kTicksPerDay;
  const std::int64_t seconds = clock / kTicksPerSecond;
  moment.hour = static_cast<std::uint8_t>(seconds / 3600);
  moment.minute = static_cast<std::uint8_t>(seconds / 60 % 60);
  moment.second = static_cast<std::uint8_t>(seconds % 60);
  moment.ten_thousandths = static_cast<std::uint16_t>(clock % kTicksPerSecond);
  moment.precision = Precision::ten_thousandth;
  moment.offset_minutes = offset_minutes;
  return cut(moment, precision);
}

Mismatch mismatch(MomentKind kind, const Moment& a, const Moment& b) {
  if (a.precision != b.precision) return Mismatch::precision;
  if (a.has_offset() != b.has_offset()) return Mismatch::offset;
  if (kind == MomentKind::time && a.offset_minutes != b.offset_minutes) return Mismatch::offset;
  // Cut to a day, a moment is a stretch of time, and two such stretches of different offsets overlap.
  if (a.precision < Precision::hour && a.offset_minutes != b.offset_minutes) return Mismatch::offset;
  return Mismatch::none;
}

std::optional<std::strong_ordering> compare(MomentKind kind, const Moment& a, const Moment& b) {
  if (mismatch(kind, a, b) != Mismatch::none) return std::nullopt;
  return instant(a) <=> instant(b);
}

std::optional<std::int64_t> difference(MomentKind kind, const Moment& a, const Moment& b) {
  if (mismatch(kind, a, b) != Mismatch::none || a.precision < Precision::day) return std::nullopt;
  return (instant(a) - instant(b)) * kMicrosPerTick;
}

std::int64_t unit_micros(Precision precision) {
  switch (precision) {
    case Precision::year:
    case Precision::month: return 0;
    case Precision::day: return 86'400'000'000;
    case Precision::hour: return 3'600'000'000;
    case Precision::minute: return 60'000'000;
    case Precision::second: return 1'000'000;
    case Precision::tenth: return 100'000;
    case Precision::hundredth: return 10'000;
    case Precision::millisecond: return 1000;
    case Precision::ten_thousandth: return 100;
  }
  return 0;
}

std::optional<Moment> add(MomentKind kind, const Moment& moment, std::int64_t micros) {
  const std::int64_t unit = unit_micros(moment.precision);
  if (unit == 0 || micros % unit != 0) return std::nullopt;
  std::int64_t ticks = 0;
  if (__builtin_add_overflow(ticks_of(moment), micros / kMicrosPerTick, &ticks)) return std::nullopt;
  return moment_at(kind, ticks, moment.precision, moment.offset_minutes);
}

std::string_view name_of(Precision precision) { return kPrecisionNames[static_cast<std::size_t>(precision)]; }

std::optional<Precision> precision_named(std::string_view name) {
  const auto at = std::find(kPrecisionNames.begin(), kPrecisionNames.end(), name);
  if (at == kPrecisionNames.end()) return std::nullopt;
  return static_cast<Precision>(at - kPrecisionNames.begin());
}

std::size_t print_duration(std::int64_t micros, char* out) { return print_count(micros, kDurations, "us", "s", out); }
std::size_t print_size(std::int64_t bytes, char* out) { return print_count(bytes, kSizes, "B", "B", out); }

}  // namespace smarthl7::builtins

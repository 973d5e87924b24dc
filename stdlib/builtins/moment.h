// SPDX-License-Identifier: Apache-2.0
// A date, time of day or timestamp as HL7 has it: a precision from the year to 1/10000 s and perhaps an offset from UTC are
// part of the value (HL7 2.5.1 ch. 2.A.21 DT, 2.A.75 TM, 2.A.22 DTM; 2.8.2 ch. 2A.2.21-23). Which of the three it is, is said
// beside it. The calendar is the proleptic Gregorian one, years 0000 to 9999; a leap second (60) counts as the second after it.
// Value type; pure functions; any thread. What cannot be done gives nothing.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "stdlib/hl7/primitive.h"

namespace smarthl7::builtins {

using hl7::Precision;

/// Finer parts than the precision are as they are made here. A time has no date, a date no clock and no offset.
struct Moment {
  std::uint16_t year = 0;
  std::uint8_t month = 1;
  std::uint8_t day = 1;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  std::uint8_t second = 0;
  Precision precision = Precision::year;
  std::uint16_t ten_thousandths = 0;
  std::int16_t offset_minutes = kNoOffset;  // from UTC

  static constexpr std::int16_t kNoOffset = std::numeric_limits<std::int16_t>::min();
  [[nodiscard]] bool has_offset() const { return offset_minutes != kNoOffset; }
  friend bool operator==(const Moment&, const Moment&) = default;
};

enum class MomentKind : std::uint8_t { date, time, timestamp };

/// HL7's form (`20261123`, `2026112310150+0100`) or ISO 8601 with its dashes and colons (`2026-11-23`, `10:15`,
/// `2026-11-23T10:15:00.5+01:00`, `Z`). A date takes no time behind it. nullopt: none of that.
[[nodiscard]] std::optional<Moment> read_moment(MomentKind kind, std::string_view text);

inline constexpr std::size_t kMaxMomentText = 24;
/// In HL7's form, as precise as it is; gives the length.
std::size_t print_moment(MomentKind kind, const Moment& moment, char* out);

/// Cut off behind `precision`, nothing is rounded; nullopt if the moment is coarser than that.
[[nodiscard]] std::optional<Moment> cut(const Moment& moment, Precision precision);

/// In units of 1/10000 s from 0000-01-01 (a time: from midnight), as the clock there shows; without the offset.
[[nodiscard]] std::int64_t ticks_of(const Moment& moment);
inline constexpr std::int64_t kTicksPerSecond = 10'000;
inline constexpr std::int64_t kTicksPerDay = 86'400 * kTicksPerSecond;
inline constexpr std::int64_t kMicrosPerTick = 100;
/// The moment of these ticks; nullopt outside of the years 0000 to 9999 (a time: of the day).
[[nodiscard]] std::optional<Moment> moment_at(MomentKind kind, std::int64_t ticks, Precision precision,
                                              std::int16_t offset_minutes = Moment::kNoOffset);

/// Days from 0000-01-01 of the date part; and the weekday, 1 Monday to 7 Sunday.
[[nodiscard]] std::int64_t day_number(const Moment& moment);
[[nodiscard]] int weekday(const Moment& moment);
[[nodiscard]] unsigned days_in_month(unsigned year, unsigned month);

/// Why two moments of one kind cannot be compared or subtracted.
enum class Mismatch : std::uint8_t { none, precision, offset };
[[nodiscard]] Mismatch mismatch(MomentKind kind, const Moment& a, const Moment& b);
/// nullopt if they do not match. Timestamps with offsets are compared as instants.
[[nodiscard]] std::optional<std::strong_ordering> compare(MomentKind kind, const Moment& a, const Moment& b);
/// a - b in microseconds; nullopt if they do not match, or are no finer than months.
[[nodiscard]] std::optional<std::int64_t> difference(MomentKind kind, const Moment& a, const Moment& b);
/// The precision and offset stay. nullopt: the duration is no whole number of the precision's unit (a day, an hour ...), the
/// precision is a month or year, or the result lies outside of the years (a time: of the day).
[[nodiscard]] std::optional<Moment> add(MomentKind kind, const Moment& moment, std::int64_t micros);
/// Microseconds of one unit of the precision; 0 for month and year.
[[nodiscard]] std::int64_t unit_micros(Precision precision);

/// "year", "month" ... "ten_thousandth".
[[nodiscard]] std::string_view name_of(Precision precision);
[[nodiscard]] std::optional<Precision> precision_named(std::string_view name);
/// All names, from the coarsest.
inline constexpr std::array<std::string_view, 10> kPrecisionNames = {
    "year", "month", "day", "hour", "minute", "second", "tenth", "hundredth", "millisecond", "ten_thousandth"};

/// `30s`, `1500ms`, `-90m`, `7d`: a whole number of the largest unit that fits; below a millisecond in `us`.
inline constexpr std::size_t kMaxDurationText = 24;
std::size_t print_duration(std::int64_t micros, char* out);
/// `512B`, `64MiB`.
std::size_t print_size(std::int64_t bytes, char* out);

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
// The syntax of HL7's primitive data types: numbers, sequence ids, dates and times with their precision and offset, telephone
// numbers. What a date may leave out depends on the version: 2.1 and 2.2 want a whole day, 2.3 to 2.4 minutes with the hour
// (chapter 2: DT, TM, TS; 2.5.1: 2.A.21, 2.A.22, 2.A.75). Values are decoded text. Pure functions; any thread; no failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stdlib/hl7/finding_rule.h"

namespace smarthl7::hl7 {

enum class Primitive : std::uint8_t {
  other,       // any text is right (ST, TX, FT, ...)
  nm,          // sign, digits, decimal point
  si,          // digits
  dt,          // YYYY[MM[DD]]
  dt_day,      // YYYYMMDD
  tm,          // HH[MM[SS[.S..]]][+/-ZZZZ]
  tm_minute,   // HHMM[SS[.S..]][+/-ZZZZ]
  dtm,         // YYYY[MM[DD[HH[MM[SS[.S..]]]]]][+/-ZZZZ]
  dtm_minute,  // YYYY[MM[DD[HHMM[SS[.S..]]]]][+/-ZZZZ]
  dtm_day,     // YYYYMMDD[HHMM[SS[.S..]]][+/-ZZZZ]
  tn,          // [NN] [(999)]999-9999[X99999][B99999][C any text]
};

/// Of a data type's name in a version ("NM", "TS" counts as DTM).
[[nodiscard]] Primitive primitive_of(std::string_view type, std::string_view version = "2.8.2");
[[nodiscard]] Rule rule_of(Primitive primitive);
[[nodiscard]] bool is_well_formed(Primitive primitive, std::string_view value);
/// What is expected, for people: "a number".
[[nodiscard]] std::string_view expectation(Primitive primitive);

enum class Precision : std::uint8_t { year, month, day, hour, minute, second, tenth, hundredth, millisecond, ten_thousandth };

/// A date and time as sent: nothing is filled in beyond its precision (month and day are then 1, the rest 0).
struct Timestamp {
  std::uint16_t year = 0;
  std::uint8_t month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::uint16_t ten_thousandths = 0;
  Precision precision = Precision::year;
  std::optional<std::int16_t> offset_minutes;  // from UTC
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

/// DT, TS and DTM; nullopt if the value is none, or names a day that does not exist.
[[nodiscard]] std::optional<Timestamp> read_timestamp(std::string_view value);
/// TM; the date is left as it is made.
[[nodiscard]] std::optional<Timestamp> read_time(std::string_view value);

}  // namespace smarthl7::hl7

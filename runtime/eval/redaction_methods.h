// SPDX-License-Identifier: Apache-2.0
// The methods of a redaction on one value: 45 CFR 164.514(b)(2)(i)(B) for ZIP codes, (C) for dates and ages, RFC 2104 for keyed
// hashes. Values are decoded UTF-8 texts; what a method cannot work on gives nothing, so that it is removed. Pure functions;
// any thread; no failure. Internal to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/eval/redaction_table.h"

namespace smarthl7::eval {

/// The year of a date. A year from which an age over 89 follows at the reference year becomes the year of age 90; without a
/// reference year nothing is known of the age, so nothing is left.
void cut_to_year(std::string_view text, std::optional<int> reference_year, std::string& out);
/// An age over 89 becomes 90; a lower one stays.
void fold_age(std::string_view text, std::string& out);
/// The first three digits of a ZIP code, or 000 where fewer than 20,000 people live in the area: in the 2000 Census, which the
/// guidance of HHS lists, or in that of 2010. Nothing of what is no ZIP code; three digits are one that was cut before.
void cut_zip(std::string_view text, std::string& out);
/// `***`, or the last characters behind asterisks (all asterisks if no more than those are there), or the shape: X for a
/// capital letter, x for another, 9 for a digit.
void mask(std::string_view text, std::uint32_t shown, bool shape, std::string& out);
/// A date moved by days, as precise as it was; its time and offset stay.
void shift_date(std::string_view text, int days, std::string& out);
/// Days to move by, -most to most, never 0.
[[nodiscard]] int days_of(std::string_view secret, std::string_view key, std::uint32_t most);
/// HMAC-SHA-256 in base 32 (RFC 4648), the first `length` characters.
void hash(std::string_view secret, std::string_view text, std::uint32_t length, std::string& out);
/// Something made up in place of a value of that kind; the same for the same value. Nothing for what cannot be made up.
void make_up(std::string_view secret, const RedactionNode& node, std::string_view text, std::string& out);

/// In which unit an age may stand, as the smallest number of them that is 90 years; nullopt: no unit of age.
[[nodiscard]] std::optional<int> ninety_years_in(std::string_view unit);
/// LOINC codes of a person's age.
[[nodiscard]] bool is_age_code(std::string_view code);

}  // namespace smarthl7::eval

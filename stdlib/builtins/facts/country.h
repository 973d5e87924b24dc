// SPDX-License-Identifier: Apache-2.0
// Countries (ISO 3166-1), how their telephone numbers are made up (ITU-T E.164 and the national plans: calling code, the
// prefix for calls within the country, digits of a national number) and the shapes of their postal codes (Universal Postal
// Union). Telephone and postal facts are there for the countries listed only. Constants; any thread; what is not known is null.
#pragma once

#include <span>
#include <string_view>

namespace smarthl7::builtins {

struct Country {
  std::string_view alpha2;  // "DE"
  std::string_view alpha3;  // "DEU"
  std::string_view number;  // "276"
};

struct PhonePlan {
  std::string_view alpha2;
  std::string_view calling_code;  // "49"
  std::string_view trunk;         // "0": dialled before a national number, not part of it; empty: none
  int least_digits = 0;           // of a national number without the trunk prefix
  int most_digits = 0;
};

struct PostalShape {
  std::string_view alpha2;
  std::string_view shapes;  // parted by `|`: # a digit, @ a capital, * either, all else as it is
};

/// By any of its three codes, in capitals.
[[nodiscard]] const Country* find_country(std::string_view code);
[[nodiscard]] const PhonePlan* find_phone_plan(std::string_view alpha2);
[[nodiscard]] const PostalShape* find_postal_shape(std::string_view alpha2);

/// Of a country by any of its codes.
[[nodiscard]] bool has_phone_plan(std::string_view country);
[[nodiscard]] bool has_postal_shape(std::string_view country);

[[nodiscard]] std::span<const Country> countries();
[[nodiscard]] std::span<const PhonePlan> phone_plans();
[[nodiscard]] std::span<const PostalShape> postal_shapes();

}  // namespace smarthl7::builtins

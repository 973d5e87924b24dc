// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/facts/country.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"code", Type::text},
                                     {.name = "country",
                                      .type = Type::text,
                                      .valid = has_postal_shape,
                                      .expects = "a country whose postal codes are known (ISO 3166, two or three letters)"}};
constexpr Example kExamples[] = {
    {R"(is_postal_code("10115", "DE"))", R"(true)"},    {R"(is_postal_code("90210-1234", "USA"))", R"(true)"},
    {R"(is_postal_code("K1A 0B1", "CA"))", R"(true)"},  {R"(is_postal_code("K1A0B1", "CA"))", R"(false)"},
    {R"(is_postal_code("SW1A 1AA", "GB"))", R"(true)"},
};

bool fits(std::string_view text, std::string_view shape) {
  return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char wanted) {
    const bool digit = c >= '0' && c <= '9';
    const bool capital = c >= 'A' && c <= 'Z';
    if (wanted == '#') return digit;
    if (wanted == '@') return capital;
    return wanted == '*' ? digit || capital : c == wanted;
  });
}

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Country* const country = find_country(arguments[1].text);
  const PostalShape* const row = country == nullptr ? nullptr : find_postal_shape(country->alpha2);
  bool right = false;
  std::string_view shapes = row == nullptr ? std::string_view{} : row->shapes;
  while (!shapes.empty() && !right) {
    const std::size_t end = std::min(shapes.find('|'), shapes.size());
    right = fits(arguments[0].text, shapes.substr(0, end));
    shapes.remove_prefix(std::min(end + 1, shapes.size()));
  }
  result = Value::of(right);
  return true;
}

}  // namespace

const Function kIsPostalCode = {
    .name = "is_postal_code",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Has the postal code the shape that the country (ISO 3166, two or three letters) uses, blanks, hyphens and "
        "capitals included? False for a country whose shape is not known.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/facts/country.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"country", Type::text}};
constexpr Example kExamples[] = {
    {R"(country_alpha3("DE"))", R"("DEU")"},
    {R"(country_alpha3("DEU"))", R"("DEU")"},
    {R"(country_alpha3("276"))", R"("DEU")"},
    {R"(country_alpha3("Germany"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Country* const country = find_country(arguments[0].text);
  if (country == nullptr) return false;
  result = Value::of(country->alpha3);
  return true;
}

}  // namespace

const Function kCountryAlpha3 = {
    .name = "country_alpha3",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is no such code",
    .doc =
        "The ISO 3166-1 code of three letters (as HL7 table 0399 has them) of a country, from its code of two "
        "letters, three letters or three digits, in capitals.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/facts/country.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {"phone", Type::text},
    {.name = "country",
     .type = Type::text,
     .valid = has_phone_plan,
     .expects = "a country whose telephone numbers are known (ISO 3166, two or three letters)"}};
constexpr Example kExamples[] = {
    {R"(phone_e164("(555) 010-7788", "US"))", R"("+15550107788")"},
    {R"(phone_e164("1-555-010-7788 x12", "USA"))", R"("+15550107788")"},
    {R"(phone_e164("030 1234567", "DE"))", R"("+49301234567")"},
    {R"(phone_e164("+44 (0)20 7946 0958", "US"))", R"("+442079460958")"},
    {R"(phone_e164("0039 06 1234567", "DE"))", R"("+39061234567")"},
    {R"(phone_e164("06 1234567", "IT"))", R"("+39061234567")"},
    {R"(phone_e164("12", "US"))", R"(fails)"},
    {R"(phone_e164("555", "AQ"))", R"(fails)"},
};

constexpr std::size_t kMostDigits = 20;

/// The digits of a number as people write it; false: something stands there that belongs into no number, or too much.
bool read_digits(std::string_view text, bool& international, Builder& digits) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c >= '0' && c <= '9') {
      digits.put(c);
    } else if (c == '+' && digits.size() == 0 && !international) {
      international = true;
    } else if (international && text.substr(at).starts_with("(0)")) {
      at += 2;
    } else if (c == 'x' || c == 'X' || c == 'e' || c == 'E') {
      break;  // the extension
    } else if (std::string_view(" ()-./\t").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return digits.size() <= kMostDigits && digits.size() > 0;
}

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const Country* const country = find_country(arguments[1].text);
  const PhonePlan* const plan = country == nullptr ? nullptr : find_phone_plan(country->alpha2);
  if (plan == nullptr) return false;
  Builder digits(arena, kMostDigits + 1);
  bool international = false;
  if (!read_digits(arguments[0].text, international, digits)) return false;
  std::string_view number = digits.text();
  if (!international && plan->calling_code != "1" && number.starts_with("00")) {
    number.remove_prefix(2);
    international = true;
  }
  if (!international && plan->calling_code == "1" && number.starts_with("011")) {
    number.remove_prefix(3);
    international = true;
  }
  if (international) {
    if (number.size() < 7 || number.size() > 15 || number[0] == '0') return false;
    result = Value::of(arena.join("+", number));
    return true;
  }
  if (!plan->trunk.empty() && number.starts_with(plan->trunk)) number.remove_prefix(plan->trunk.size());
  const auto count = static_cast<int>(number.size());
  if (count < plan->least_digits || count > plan->most_digits) return false;
  result = Value::of(arena.join(arena.join("+", plan->calling_code), number));
  return true;
}

}  // namespace

const Function kPhoneE164 = {
    .name = "phone_e164",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail =
        "the text is no telephone number of a length that the country has, or the country is not one of those that "
        "this function knows",
    .doc =
        "A telephone number in the international form of ITU-T E.164, `+` and digits. `country` (ISO 3166, two or "
        "three letters) says how a number without `+` or `00` is meant: its prefix for calls within the country is "
        "taken off. Signs, blanks, an `(0)` after the country's code and an extension (`x12`, `ext. 12`) are left "
        "out.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

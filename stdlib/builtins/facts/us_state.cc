// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/facts/us_state.h"

#include <algorithm>

namespace smarthl7::builtins {
namespace {

// clang-format off
constexpr UsState kStates[] = {
    {"AA", "Armed Forces Americas"}, {"AE", "Armed Forces Europe"}, {"AK", "Alaska"}, {"AL", "Alabama"},
    {"AP", "Armed Forces Pacific"}, {"AR", "Arkansas"}, {"AS", "American Samoa"}, {"AZ", "Arizona"},
    {"CA", "California"}, {"CO", "Colorado"}, {"CT", "Connecticut"}, {"DC", "District of Columbia"},
    {"DE", "Delaware"}, {"FL", "Florida"}, {"GA", "Georgia"}, {"GU", "Guam"},
    {"HI", "Hawaii"}, {"IA", "Iowa"}, {"ID", "Idaho"}, {"IL", "Illinois"},
    {"IN", "Indiana"}, {"KS", "Kansas"}, {"KY", "Kentucky"}, {"LA", "Louisiana"},
    {"MA", "Massachusetts"}, {"MD", "Maryland"}, {"ME", "Maine"}, {"MI", "Michigan"},
    {"MN", "Minnesota"}, {"MO", "Missouri"}, {"MP", "Northern Mariana Islands"}, {"MS", "Mississippi"},
    {"MT", "Montana"}, {"NC", "North Carolina"}, {"ND", "North Dakota"}, {"NE", "Nebraska"},
    {"NH", "New Hampshire"}, {"NJ", "New Jersey"}, {"NM", "New Mexico"}, {"NV", "Nevada"},
    {"NY", "New York"}, {"OH", "Ohio"}, {"OK", "Oklahoma"}, {"OR", "Oregon"},
    {"PA", "Pennsylvania"}, {"PR", "Puerto Rico"}, {"RI", "Rhode Island"}, {"SC", "South Carolina"},
    {"SD", "South Dakota"}, {"TN", "Tennessee"}, {"TX", "Texas"}, {"UT", "Utah"},
    {"VA", "Virginia"}, {"VI", "Virgin Islands"}, {"VT", "Vermont"}, {"WA", "Washington"},
    {"WI", "Wisconsin"}, {"WV", "West Virginia"}, {"WY", "Wyoming"},
};
// clang-format on

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return small(x) == small(y); });
}

}  // namespace

const UsState* find_us_state(std::string_view code_or_name) {
  const auto* const at = std::find_if(std::begin(kStates), std::end(kStates), [&](const UsState& state) {
    return same(state.code, code_or_name) || same(state.name, code_or_name);
  });
  return at != std::end(kStates) ? at : nullptr;
}

}  // namespace smarthl7::builtins

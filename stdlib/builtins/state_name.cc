// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/facts/us_state.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"state", Type::text}};
constexpr Example kExamples[] = {
    {R"(state_name("NY"))", R"("New York")"},
    {R"(state_name("puerto rico"))", R"("Puerto Rico")"},
    {R"(state_name("XX"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const UsState* const state = find_us_state(arguments[0].text);
  if (state == nullptr) return false;
  result = Value::of(state->name);
  return true;
}

}  // namespace

const Function kStateName = {
    .name = "state_name",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is neither code nor name of one",
    .doc =
        "The name of a US state, territory or armed forces' region (USPS Publication 28), from its code or name in "
        "any case.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

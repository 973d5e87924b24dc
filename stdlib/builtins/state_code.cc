// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/facts/us_state.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"state", Type::text}};
constexpr Example kExamples[] = {
    {R"(state_code("New York"))", R"("NY")"},
    {R"(state_code("ny"))", R"("NY")"},
    {R"(state_code("Bavaria"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const UsState* const state = find_us_state(arguments[0].text);
  if (state == nullptr) return false;
  result = Value::of(state->code);
  return true;
}

}  // namespace

const Function kStateCode = {
    .name = "state_code",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is neither name nor code of one",
    .doc =
        "The code of two letters of a US state, territory or armed forces' region (USPS Publication 28), from its "
        "name or code in any case.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"first", Type::text}, {"second", Type::text}};
constexpr Example kExamples[] = {
    {R"(same_ignoring_case("Smith", "SMITH"))", R"(true)"},
    {R"(same_ignoring_case("MÜLLER", "Müller"))", R"(true)"},
    {R"(same_ignoring_case("Smith", "Smyth"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view first = change_case(arguments[0].text, Case::lower, arena);
  result = Value::of(first == change_case(arguments[1].text, Case::lower, arena));
  return true;
}

}  // namespace

const Function kSameIgnoringCase = {
    .name = "same_ignoring_case",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Are the two texts the same but for capital and small letters, as `upper` and `lower` know them?",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/person_name.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(given_name("Smith, Anna Maria"))", R"("Anna")"},
    {R"(given_name("Anna Maria Smith"))", R"("Anna")"},
    {R"(given_name("Smith"))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(split_name(arguments[0].text).given);
  return true;
}

}  // namespace

const Function kGivenName = {
    .name = "given_name",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The first given name of a person's name in one text, `Last, First Middle` or `First Middle Last`; empty "
        "if there is only one word.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

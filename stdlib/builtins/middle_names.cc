// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/person_name.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(middle_names("Smith, Anna Maria Luisa"))", R"("Maria Luisa")"},
    {R"(middle_names("Anna M. Smith"))", R"("M.")"},
    {R"(middle_names("Anna Smith"))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(split_name(arguments[0].text).middle);
  return true;
}

}  // namespace

const Function kMiddleNames = {
    .name = "middle_names",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The given names after the first of a person's name in one text, `Last, First Middle` or `First Middle "
        "Last`; empty if there are none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

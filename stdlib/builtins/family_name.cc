// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/person_name.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(family_name("Smith, Anna Maria"))", R"("Smith")"},
    {R"(family_name("Anna Maria Smith Jr."))", R"("Smith")"},
    {R"(family_name("Ludwig van Beethoven"))", R"("van Beethoven")"},
    {R"(family_name(""))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(split_name(arguments[0].text).family);
  return true;
}

}  // namespace

const Function kFamilyName = {
    .name = "family_name",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The family name of a person's name in one text: what stands before the comma of `Last, First Middle`, "
        "else the last word with the particles before it (`van`, `de la`), without a suffix such as Jr.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::names,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(lower("SMITH"))", R"("smith")"},
    {R"(lower("ÅNGSTRÖM"))", R"("ångström")"},
    {R"(lower("ŽIŽEK"))", R"("žižek")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  result = Value::of(change_case(arguments[0].text, Case::lower, arena));
  return true;
}

}  // namespace

const Function kLower = {
    .name = "lower",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text in small letters: A to Z and the Latin letters of ISO 8859-1 and Latin Extended-A in UTF-8. Other "
        "scripts stay as they are.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

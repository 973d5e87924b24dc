// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(upper("smith"))", R"("SMITH")"},
    {R"(upper("Müller"))", R"("MÜLLER")"},
    {R"(upper("Straße 5"))", R"("STRAßE 5")"},
    {R"(upper("łódź"))", R"("ŁÓDŹ")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  result = Value::of(change_case(arguments[0].text, Case::upper, arena));
  return true;
}

}  // namespace

const Function kUpper = {
    .name = "upper",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text in capitals: A to Z and the Latin letters of ISO 8859-1 and Latin Extended-A in UTF-8. `ß` and other "
        "scripts stay as they are.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

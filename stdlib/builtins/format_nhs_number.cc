// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/identifier.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(format_nhs_number("9434765919"))", R"("943 476 5919")"},
    {R"(format_nhs_number("943-476-5919"))", R"("943 476 5919")"},
    {R"(format_nhs_number("9434765918"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto digits = nhs_digits(arguments[0].text);
  if (!digits) return false;
  const std::string_view all(digits->data(), digits->size());
  Builder builder(arena, 12);
  builder.put(all.substr(0, 3));
  builder.put(' ');
  builder.put(all.substr(3, 3));
  builder.put(' ');
  builder.put(all.substr(6));
  result = builder.value();
  return true;
}

}  // namespace

const Function kFormatNhsNumber = {
    .name = "format_nhs_number",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is no NHS number (see `is_nhs_number`)",
    .doc = "An NHS number as people read it, 3-3-4 with blanks.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::identifiers,
    .proven_by = "is_nhs_number",
};

}  // namespace smarthl7::builtins

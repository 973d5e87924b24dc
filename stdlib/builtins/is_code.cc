// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/hl7_table.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"code", Type::text},
                                     {.name = "table",
                                      .type = Type::text,
                                      .constant = true,
                                      .valid = is_table,
                                      .expects = "the number of an HL7 table, as in \"0001\""}};
constexpr Example kExamples[] = {
    {R"(is_code("F", "0001"))", R"(true)"},
    {R"(is_code("f", "0001"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const hl7::Table table = find_table(arguments[1].text);
  result = Value::of(table && table.contains(arguments[0].text));
  return true;
}

}  // namespace

const Function kIsCode = {
    .name = "is_code",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Is the code in the HL7 table of that number?  A table of the site is asked with `in`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::codes,
};

}  // namespace smarthl7::builtins

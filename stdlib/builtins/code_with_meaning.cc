// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/hl7_table.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"meaning", Type::text},
                                     {.name = "table",
                                      .type = Type::text,
                                      .constant = true,
                                      .valid = is_table,
                                      .expects = "the number of an HL7 table, as in \"0001\""}};
constexpr Example kExamples[] = {
    {R"(code_with_meaning("female", "0001"))", R"("F")"},
    {R"(code_with_meaning("Married", "0002"))", R"("M")"},
    {R"(code_with_meaning("Lady", "0001"))", R"(fails)"},
};

bool same(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return small(x) == small(y); });
}

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const hl7::Table table = find_table(arguments[1].text);
  const std::size_t count = table ? table.size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const hl7::Code code = table.code(i);
    if (!same(code.meaning, arguments[0].text)) continue;
    result = Value::of(code.code);
    return true;
  }
  return false;
}

}  // namespace

const Function kCodeWithMeaning = {
    .name = "code_with_meaning",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "no code of the table means that",
    .doc =
        "The code of an HL7 table that means this, in the words of the standard, in any case (A to Z); the first "
        "by the alphabet if several do.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::codes,
};

}  // namespace smarthl7::builtins

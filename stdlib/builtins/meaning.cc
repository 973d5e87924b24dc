// SPDX-License-Identifier: Apache-2.0
#include <optional>

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
    {R"(meaning("F", "0001"))", R"("Female")"},
    {R"(meaning("M", "0002"))", R"("Married")"},
    {R"(meaning("?", "0001"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const hl7::Table table = find_table(arguments[1].text);
  const auto meaning = table ? table.meaning(arguments[0].text) : std::nullopt;
  if (!meaning) return false;
  result = Value::of(*meaning);
  return true;
}

}  // namespace

const Function kMeaning = {
    .name = "meaning",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the code is not in the table",
    .doc =
        "What a code of an HL7 table means, in the words of the standard; the table is named by its number, as in "
        "`\"0001\"`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::codes,
    .proven_by = "is_code",
};

}  // namespace smarthl7::builtins

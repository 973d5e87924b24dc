// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(comparator("<5"))", R"("<")"},
    {R"(comparator(">= 200"))", R"(">=")"},
    {R"(comparator("≤ 3"))", R"("<=")"},
    {R"(comparator("5"))", R"("")"},
};

struct Sign {
  std::string_view sign, meaning;
};
constexpr Sign kSigns[] = {{"<=", "<="}, {">=", ">="}, {"<>", "<>"}, {"<", "<"}, {">", ">"},
                           {"=", "="},   {"≤", "<="},  {"≥", ">="},  {"≠", "<>"}};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  std::string_view text = arguments[0].text;
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::string_view found;
  for (const auto& [sign, meaning] : kSigns) {
    if (found.empty() && text.starts_with(sign)) found = meaning;
  }
  result = Value::of(found);
  return true;
}

}  // namespace

const Function kComparator = {
    .name = "comparator",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The sign of comparison that the text begins with, as SN.1 has them: `<`, `>`, `<=`, `>=`, `=` or `<>`; "
        "empty if there is none. Blanks before it are passed over, and `≤`, `≥`, `≠` are read too.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

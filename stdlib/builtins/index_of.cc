// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::text, .list = true}, {"item", Type::text}};
constexpr Example kExamples[] = {
    {R"(index_of(["MR", "PI"], "PI"))", R"(2)"},
    {R"(index_of(["MR"], "SS"))", R"(0)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto items = arguments[0].list();
  const auto at = std::find_if(items.begin(), items.end(), [&](const Value& item) { return item.text == arguments[1].text; });
  result = Value::of(Decimal(at == items.end() ? 0 : at - items.begin() + 1));
  return true;
}

}  // namespace

const Function kIndexOf = {
    .name = "index_of",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc = "The number of the first item that is this text (the first item is 1); 0 if none is.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .digits = 10,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/ordering.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(sorted(["B", "A", "a"]))", R"(["A", "B", "a"])"},
    {R"(sorted([10, 9.5]))", R"([9.5, 10])"},
    {R"(sorted([]))", R"([])"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  result = Value::list(sorted_values(arguments[0].list(), arena));
  return true;
}

}  // namespace

const Function kSorted = {
    .name = "sorted",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc =
        "The items from the smallest to the biggest: texts by their bytes, moments as instants (one without an "
        "offset as if in UTC, the coarser of two equal ones first), false before true. Equal items stay in their "
        "order.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .result_list = true,
};

}  // namespace smarthl7::builtins

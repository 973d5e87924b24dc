// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(first_of(["A", "B"]))", R"("A")"},
    {R"(first_of([]))", R"(absent)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (!arguments[0].list().empty()) result = arguments[0].list().front();
  return true;
}

}  // namespace

const Function kFirstOf = {
    .name = "first_of",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc =
        "The first item of the list; absent if there is none. (`last` alone is a word of paths, so this pair ends "
        "in `_of`.)",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .can_be_absent = "the list is empty",
};

}  // namespace smarthl7::builtins

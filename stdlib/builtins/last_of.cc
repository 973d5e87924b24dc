// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(last_of(["A", "B"]))", R"("B")"},
    {R"(last_of([]))", R"(absent)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  if (!arguments[0].list().empty()) result = arguments[0].list().back();
  return true;
}

}  // namespace

const Function kLastOf = {
    .name = "last_of",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::same,
    .can_fail = {},
    .doc = "The last item of the list; absent if there is none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .can_be_absent = "the list is empty",
};

}  // namespace smarthl7::builtins

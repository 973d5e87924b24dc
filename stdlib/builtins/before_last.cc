// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"separator", Type::text}};
constexpr Example kExamples[] = {
    {R"(before_last("a.b.pdf", "."))", R"("a.b")"},
    {R"(before_last("a", "."))", R"("a")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(arguments[0].text.substr(0, arguments[0].text.rfind(arguments[1].text)));
  return true;
}

}  // namespace

const Function kBeforeLast = {
    .name = "before_last",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "What stands before the last `separator`; the whole text if it is not there.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"what", Type::text}};
constexpr Example kExamples[] = {
    {R"(trim_right("A^B^^", "^"))", R"("A^B")"},
    {R"(trim_right("A", "^"))", R"("A")"},
    {R"(trim_right("A", ""))", R"("A")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  std::string_view text = arguments[0].text;
  const std::string_view what = arguments[1].text;
  while (!what.empty() && text.ends_with(what)) text.remove_suffix(what.size());
  result = Value::of(text);
  return true;
}

}  // namespace

const Function kTrimRight = {
    .name = "trim_right",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The text without every `what` that stands at its end. An empty `what` changes nothing.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"what", Type::text}};
constexpr Example kExamples[] = {
    {R"(trim_left("000471", "0"))", R"("471")"},
    {R"(trim_left("000", "0"))", R"("")"},
    {R"(trim_left("471", "0"))", R"("471")"},
    {R"(trim_left("471", ""))", R"("471")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  std::string_view text = arguments[0].text;
  const std::string_view what = arguments[1].text;
  while (!what.empty() && text.starts_with(what)) text.remove_prefix(what.size());
  result = Value::of(text);
  return true;
}

}  // namespace

const Function kTrimLeft = {
    .name = "trim_left",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The text without every `what` that stands at its beginning. An empty `what` changes nothing.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

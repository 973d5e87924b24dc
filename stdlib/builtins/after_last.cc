// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"separator", Type::text}};
constexpr Example kExamples[] = {
    {R"(after_last("scans/2026/a.pdf", "/"))", R"("a.pdf")"},
    {R"(after_last("a", "/"))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  const std::size_t at = text.rfind(arguments[1].text);
  result = Value::of(at == std::string_view::npos ? std::string_view{} : text.substr(at + arguments[1].text.size()));
  return true;
}

}  // namespace

const Function kAfterLast = {
    .name = "after_last",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "What stands after the last `separator`; empty if it is not there.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(is_blank("  "))", R"(true)"},
    {R"(is_blank(""))", R"(true)"},
    {R"(is_blank(" x"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(arguments[0].text.find_first_not_of(" \t") == std::string_view::npos);
  return true;
}

}  // namespace

const Function kIsBlank = {
    .name = "is_blank",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc =
        "Does the text hold nothing but blanks and tabs, or nothing at all? (A field that was not sent is "
        "`absent`.)",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

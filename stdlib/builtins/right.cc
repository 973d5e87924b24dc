// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"length", Type::number}};
constexpr Example kExamples[] = {
    {R"(right("0001234", 4))", R"("1234")"},
    {R"(right("AB", 5))", R"("AB")"},
    {R"(right("AB", 0))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const std::string_view text = arguments[0].text;
  const auto all = static_cast<std::int64_t>(character_count(text));
  const std::int64_t wanted = arguments[1].number.to_int64();
  result = Value::of(without_first(text, all - std::clamp<std::int64_t>(wanted, 0, all)));
  return true;
}

}  // namespace

const Function kRight = {
    .name = "right",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The last `length` characters, or the whole text if it is shorter.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"length", Type::number}, {"fill", Type::text}};
constexpr Example kExamples[] = {
    {R"(pad_right("AB", 5, "."))", R"("AB...")"},
    {R"(pad_right("ABC", 2, "."))", R"("ABC")"},
    {R"(pad_right("ABC", 5, ""))", R"("ABC")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  const std::string_view fill = first_of(arguments[2].text, 1);
  const auto wanted = std::clamp<std::int64_t>(arguments[1].number.to_int64(), 0, 1000);
  const auto missing = std::max<std::int64_t>(wanted - static_cast<std::int64_t>(character_count(text)), 0);
  Builder builder(arena, text.size() + static_cast<std::size_t>(missing) * fill.size());
  builder.put(text);
  for (std::int64_t i = 0; i < missing; ++i) builder.put(fill);
  result = builder.value();
  return true;
}

}  // namespace

const Function kPadRight = {
    .name = "pad_right",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text with the first character of `fill` after it until it has `length` characters (at most 1000). A "
        "longer text stays as it is.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

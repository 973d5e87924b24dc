// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"times", Type::number}};
constexpr Example kExamples[] = {
    {R"(repeat("-", 5))", R"("-----")"},
    {R"(repeat("ab", 2))", R"("abab")"},
    {R"(repeat("ab", 0))", R"("")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  constexpr std::size_t kMost = 65536;
  auto times = static_cast<std::size_t>(std::clamp<std::int64_t>(arguments[1].number.to_int64(), 0, 1000));
  if (!text.empty()) times = std::min(times, kMost / text.size());
  Builder builder(arena, times * text.size());
  for (; times > 0; --times) builder.put(text);
  result = builder.value();
  return true;
}

}  // namespace

const Function kRepeat = {
    .name = "repeat",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The text so many times, at most 1000 times and 65536 bytes: what does not fit whole is left out.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::text,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"what", Type::text}, {"with", Type::text}};
constexpr Example kExamples[] = {
    {R"(replace("1-2-3", "-", ""))", R"("123")"},
    {R"(replace("aaa", "aa", "b"))", R"("ba")"},
    {R"(replace("abc", "", "x"))", R"("abc")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  const std::string_view what = arguments[1].text;
  const std::string_view with = arguments[2].text;
  std::size_t at = what.empty() ? std::string_view::npos : text.find(what);
  if (at == std::string_view::npos) {
    result = arguments[0];
    return true;
  }
  std::string replaced;
  std::size_t done = 0;
  for (; at != std::string_view::npos; at = text.find(what, done)) {
    replaced.append(text, done, at - done).append(with);
    done = at + what.size();
  }
  result = Value::of(arena.copy(replaced.append(text, done)));
  return true;
}

}  // namespace

const Function kReplace = {
    .name = "replace",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The text with every `what` replaced by `with`. An empty `what` changes nothing.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

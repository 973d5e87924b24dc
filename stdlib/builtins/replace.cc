// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"

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
  std::size_t count = 0;
  std::size_t at = what.empty() ? std::string_view::npos : text.find(what);
  for (; at != std::string_view::npos; at = text.find(what, at + what.size())) ++count;
  if (with.size() > what.size()) count = std::min(count, kMostText / (with.size() - what.size()));
  if (count == 0) {
    result = arguments[0];
    return true;
  }
  Builder builder(arena, text.size() - count * what.size() + count * with.size());
  std::string_view rest = text;
  for (; count > 0; --count) {
    at = rest.find(what);
    builder.put(rest.substr(0, at));
    builder.put(with);
    rest.remove_prefix(at + what.size());
  }
  builder.put(rest);
  result = builder.value();
  return true;
}

}  // namespace

const Function kReplace = {
    .name = "replace",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The text with every `what` replaced by `with`. An empty `what` changes nothing. Once the text has grown by 16 MiB, "
        "the "
        "rest stays as it is. For patterns there is `matches`.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}, {"separator", Type::text}};
constexpr Example kExamples[] = {
    {R"(join(["A", "B"], ", "))", R"("A, B")"},
    {R"(join(["A"], ", "))", R"("A")"},
    {R"(join([], ", "))", R"("")"},
    {R"(join([1.50, 2], "/"))", R"("1.50/2")"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto items = arguments[0].list();
  const std::string_view separator = arguments[1].text;
  const std::span<Value> texts = arena.take_values(items.size());
  std::size_t all = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    texts[i] = Value::of(text_of(items[i], arena));
    all += texts[i].text.size();
  }
  const std::size_t gaps = items.empty() ? 0 : items.size() - 1;
  const std::size_t free = kMostText - std::min(kMostText, all);
  const bool fits = separator.empty() || gaps <= free / separator.size();
  std::size_t separators = fits ? gaps : free / separator.size();
  Builder builder(arena, all + separators * separator.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0 && separators > 0) {
      builder.put(separator);
      --separators;
    }
    builder.put(texts[i].text);
  }
  result = builder.value();
  return true;
}

}  // namespace

const Function kJoin = {
    .name = "join",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The items as one text, as `text` writes them, with the separator between them; empty if there are none. "
        "Once it is longer than 16 MiB, separators are left out.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
};

}  // namespace smarthl7::builtins

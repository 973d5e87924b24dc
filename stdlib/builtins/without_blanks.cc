// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::text, .list = true}};
constexpr Example kExamples[] = {
    {R"(without_blanks(["A", "", " ", "B"]))", R"(["A", "B"])"},
    {R"(without_blanks([]))", R"([])"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const auto items = arguments[0].list();
  const std::span<Value> kept = arena.take_values(items.size());
  const auto end = std::copy_if(items.begin(), items.end(), kept.begin(),
                                [](const Value& item) { return item.text.find_first_not_of(" \t") != std::string_view::npos; });
  result = Value::list(kept.first(static_cast<std::size_t>(end - kept.begin())));
  return true;
}

}  // namespace

const Function kWithoutBlanks = {
    .name = "without_blanks",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc = "The items that hold more than blanks and tabs.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .result_list = true,
};

}  // namespace smarthl7::builtins

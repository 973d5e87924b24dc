// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"separator", Type::text}};
constexpr Example kExamples[] = {
    {R"(split("A-B-C", "-"))", R"(["A", "B", "C"])"},
    {R"(split("A--C", "-"))", R"(["A", "", "C"])"},
    {R"(split("A", "-"))", R"(["A"])"},
    {R"(split("", "-"))", R"([""])"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  std::string_view text = arguments[0].text;
  const std::string_view separator = arguments[1].text;
  std::size_t count = 1;
  for (std::size_t at = 0; !separator.empty() && (at = text.find(separator, at)) != std::string_view::npos; ++count) {
    at += separator.size();
  }
  const std::span<Value> parts = arena.take_values(count);
  for (Value& part : parts) {
    const std::size_t end = &part == &parts.back() ? text.size() : text.find(separator);
    part = Value::of(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + separator.size()));
  }
  result = Value::list(parts);
  return true;
}

}  // namespace

const Function kSplit = {
    .name = "split",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "The parts of the text between the separators, empty ones too; one part if the separator is not there or "
        "is empty.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
    .result_list = true,
};

}  // namespace smarthl7::builtins

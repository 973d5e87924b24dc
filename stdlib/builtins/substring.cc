// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}, {"from", Type::number}, {"length", Type::number}};
constexpr Example kExamples[] = {
    {R"(substring("20261123", 5, 2))", R"("11")"},
    {R"(substring("ABC", 3, 5))", R"("C")"},
    {R"(substring("ABC", 4, 1))", R"("")"},
    {R"(substring("ABC", 0, 2))", R"("A")"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  std::int64_t from = arguments[1].number.to_int64();
  std::int64_t count = arguments[2].number.to_int64();
  if (from < 1) {  // places before the first hold nothing, but count
    count = count < 0 || from < -count ? 0 : count + from - 1;
    from = 1;
  }
  result = Value::of(first_of(without_first(arguments[0].text, from - 1), count));
  return true;
}

}  // namespace

const Function kSubstring = {
    .name = "substring",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = {},
    .doc =
        "At most `length` characters, beginning with character number `from` (the first is 1). What is not there is "
        "left out, so the result may be empty.",
    .examples = kExamples,
    .apply = apply,
};

}  // namespace smarthl7::builtins

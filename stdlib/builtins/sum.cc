// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{.name = "list", .type = Type::any, .list = true}};
constexpr Example kExamples[] = {
    {R"(sum(["1.5", "2", "-1"]))", R"(2.5)"},
    {R"(sum([1.5, 2]))", R"(3.5)"},
    {R"(sum([]))", R"(0)"},
    {R"(sum(["A"]))", R"(fails)"},
    {R"(sum([99999999999999999999999999999999999999, 1]))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  std::optional<Decimal> sum = Decimal(0);
  for (const Value& item : arguments[0].list()) {
    std::optional<Decimal> number;
    if (item.kind == Kind::number) number = item.number;
    if (item.kind == Kind::text) number = Decimal::parse(item.text);
    if (number) number = sum->add(*number);
    if (!number) return false;
    sum = number;
  }
  result = Value::of(*sum);
  return true;
}

}  // namespace

const Function kSum = {
    .name = "sum",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = "an item is no number, or the sum has more than 38 digits",
    .doc = "The sum of the numbers of the list, which may be texts that `number` can read; 0 if there are none.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::lists,
};

}  // namespace smarthl7::builtins

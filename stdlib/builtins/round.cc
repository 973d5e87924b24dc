// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"number", Type::number}, {"places", Type::number}};
constexpr Example kExamples[] = {
    {R"(round(2.345, 2))", R"(2.35)"},
    {R"(round(0.5, 0))", R"(1)"},
    {R"(round(7, 2))", R"(7)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto places = std::clamp<std::int64_t>(arguments[1].number.to_int64(), 0, Decimal::kMaxDigits);
  result = Value::of(arguments[0].number.rounded(static_cast<int>(places)));
  return true;
}

}  // namespace

const Function kRound = {
    .name = "round",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::number,
    .can_fail = {},
    .doc =
        "The number with at most `places` digits after the point, rounded half away from zero. A number with fewer "
        "digits stays as it is.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::numbers,
};

}  // namespace smarthl7::builtins

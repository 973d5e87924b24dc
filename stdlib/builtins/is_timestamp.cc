// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::text_or_moment}, kPrecisionParameter};
constexpr Example kExamples[] = {
    {R"(is_timestamp("202611231015"))", R"(true)"},
    {R"(is_timestamp("20261123", "minute"))", R"(false)"},
    {R"(is_timestamp("noon"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(to_moment(MomentKind::timestamp, arguments).has_value());
  return true;
}

}  // namespace

const Function kIsTimestamp = {
    .name = "is_timestamp",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Whether `timestamp` can make a timestamp of the same arguments; where it is true, that call needs no `else`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::text_or_moment}, kPrecisionParameter};
constexpr Example kExamples[] = {
    {R"(is_time("1015"))", R"(true)"},
    {R"(is_time("2515"))", R"(false)"},
    {R"(is_time("10", "minute"))", R"(false)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  result = Value::of(to_moment(MomentKind::time, arguments).has_value());
  return true;
}

}  // namespace

const Function kIsTime = {
    .name = "is_time",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::boolean,
    .can_fail = {},
    .doc = "Whether `time` can make a time of the same arguments; where it is true, that call needs no `else`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

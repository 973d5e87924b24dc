// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::text_or_moment}, kPrecisionParameter};
constexpr Example kExamples[] = {
    {R"(time("1015"))", R"(time 1015)"},
    {R"(time("10:15:30.5+01:00"))", R"(time 101530.5+0100)"},
    {R"(time("101530", "minute"))", R"(time 1015)"},
    {R"(time(timestamp("202611231015")))", R"(time 1015)"},
    {R"(time("10", "minute"))", R"(fails)"},
    {R"(time("2400"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto moment = to_moment(MomentKind::time, arguments);
  if (!moment) return false;
  result = Value::time(*moment);
  return true;
}

}  // namespace

const Function kTime = {
    .name = "time",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::time,
    .can_fail = "the text is no time of day, or the time is less precise",
    .doc =
        "The time of day in a text of HL7's form (`1015`, `101530.25+0100`) or of ISO 8601 (`10:15`); of a timestamp its time. "
        "With a "
        "precision (\"hour\", \"minute\", \"second\", \"millisecond\" ...) the result has that precision, and what is finer is "
        "cut off.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .proven_by = "is_time",
    .precision_from = 2,
};

}  // namespace smarthl7::builtins

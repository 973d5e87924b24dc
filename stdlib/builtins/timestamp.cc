// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/to_moment.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::text_or_moment}, kPrecisionParameter};
constexpr Example kExamples[] = {
    {R"(timestamp("202611231015"))", R"(timestamp 202611231015)"},
    {R"(timestamp("2026-11-23T10:15:00Z"))", R"(timestamp 20261123101500+0000)"},
    {R"(timestamp("20261123101530.1234", "second"))", R"(timestamp 20261123101530)"},
    {R"(timestamp(date("20261123")))", R"(timestamp 20261123)"},
    {R"(timestamp("20261123", "minute"))", R"(fails)"},
    {R"(timestamp("yesterday"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto moment = to_moment(MomentKind::timestamp, arguments);
  if (!moment) return false;
  result = Value::timestamp(*moment);
  return true;
}

}  // namespace

const Function kTimestamp = {
    .name = "timestamp",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = "the text is no timestamp, or the timestamp is less precise",
    .doc =
        "The date and time in a text of HL7's form (`202611231015+0100`) or of ISO 8601 (`2026-11-23T10:15+01:00`). With a "
        "precision "
        "(\"day\", \"minute\", \"second\", \"millisecond\" ...) the result has that precision, and what is finer is cut off.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .proven_by = "is_timestamp",
    .precision_from = 2,
};

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/pattern.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {
    {"text", Type::text},
    {.name = "pattern",
     .type = Type::text,
     .constant = true,
     .valid = is_timestamp_pattern,
     .expects = "a pattern of timestamps with a year of four digits, as in `dd.MM.yyyy HH:mm`"}};
constexpr Example kExamples[] = {
    {R"(parse_timestamp("23.11.2026 10:15", "dd.MM.yyyy HH:mm"))", R"(timestamp 202611231015)"},
    {R"(parse_timestamp("11/23/2026 1:05:09 PM", "M/d/yyyy h:mm:ss a"))", R"(timestamp 20261123130509)"},
    {R"(parse_timestamp("2026-11-23T10:15:00+01:00", "yyyy-MM-dd'T'HH:mm:ssxxx"))", R"(timestamp 20261123101500+0100)"},
    {R"(parse_timestamp("23.11.2026 24:15", "dd.MM.yyyy HH:mm"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto moment = read_by_pattern(MomentKind::timestamp, arguments[0].text, arguments[1].text);
  if (!moment) return false;
  result = Value::timestamp(*moment);
  return true;
}

}  // namespace

const Function kParseTimestamp = {
    .name = "parse_timestamp",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = "the text is not written like that, or names a day or hour that does not exist",
    .doc =
        "The timestamp in a text that is written after the pattern, see below; as precise as the pattern. HL7's "
        "form and ISO 8601 are read by `timestamp`. The year has four digits, for two do not say the century.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

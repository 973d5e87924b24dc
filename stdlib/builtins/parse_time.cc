// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/pattern.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text},
                                     {.name = "pattern",
                                      .type = Type::text,
                                      .constant = true,
                                      .valid = is_time_pattern,
                                      .expects = "a pattern of times, as in `HH:mm`"}};
constexpr Example kExamples[] = {
    {R"(parse_time("10:15 PM", "hh:mm a"))", R"(time 2215)"},
    {R"(parse_time("12:05 am", "h:mm a"))", R"(time 0005)"},
    {R"(parse_time("10.15", "HH:mm"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const auto moment = read_by_pattern(MomentKind::time, arguments[0].text, arguments[1].text);
  if (!moment) return false;
  result = Value::time(*moment);
  return true;
}

}  // namespace

const Function kParseTime = {
    .name = "parse_time",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::time,
    .can_fail = "the text is not written like that, or names a day or hour that does not exist",
    .doc =
        "The time in a text that is written after the pattern, see below; as precise as the pattern. HL7's form "
        "and ISO 8601 are read by `time`.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

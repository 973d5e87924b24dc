// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/moment_argument.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"timestamp", Type::timestamp},
                                     {.name = "zone",
                                      .type = Type::text,
                                      .constant = true,
                                      .valid = is_zone,
                                      .expects = "a time zone of the IANA database, as in `Europe/Berlin`"}};
constexpr Example kExamples[] = {
    {R"(with_zone(timestamp("20260715101500"), "Europe/Berlin"))", R"(timestamp 20260715101500+0200)"},
    {R"(with_zone(timestamp("20261123"), "America/New_York"))", R"(timestamp 20261123-0500)"},
    {R"(with_zone(timestamp("202603290230"), "Europe/Berlin"))", R"(timestamp 202603290230+0100)"},
    {R"(with_zone(timestamp("202610250230"), "Europe/Berlin"))", R"(timestamp 202610250230+0200)"},
    {R"(with_zone(timestamp("20260715101500+0000"), "Europe/Berlin"))", R"(timestamp 20260715101500+0000)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Zone* const zone = find_zone(arguments[1].text);
  if (zone == nullptr) return false;
  Moment moment = arguments[0].moment;
  if (!moment.has_offset()) moment.offset_minutes = minutes_of(offset_of_local(*zone, local_seconds(moment)));
  result = Value::timestamp(moment);
  return true;
}

}  // namespace

const Function kWithZone = {
    .name = "with_zone",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail = {},
    .doc =
        "The timestamp with the offset that its time zone (IANA database, `Europe/Berlin`) has then; one that has "
        "an offset stays as it is. A local time that the change to summer time skips gets the offset before the "
        "change, one that exists twice is the first of the two (RFC 5545 section 3.3.5). The database is that of "
        "the build.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .precision_from = 1,
    .offset = Offset::always,
};

}  // namespace smarthl7::builtins

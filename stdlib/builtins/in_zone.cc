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
    {R"(in_zone(timestamp("20260715101500+0000"), "Europe/Berlin"))", R"(timestamp 20260715121500+0200)"},
    {R"(in_zone(timestamp("202601010130+0100"), "America/New_York"))", R"(timestamp 202512311930-0500)"},
    {R"(in_zone(timestamp("20260715101500"), "Europe/Berlin"))", R"(fails)"},
    {R"(in_zone(timestamp("20260715+0000"), "Europe/Berlin"))", R"(fails)"},
    {R"(in_zone(timestamp("2026071510+0000"), "Asia/Kolkata"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& /*arena*/, Value& result) {
  const Zone* const zone = find_zone(arguments[1].text);
  const Moment& moment = arguments[0].moment;
  if (zone == nullptr || !moment.has_offset() || moment.precision < Precision::hour) return false;
  const std::int16_t offset = minutes_of(offset_at(*zone, local_seconds(moment) - moment.offset_minutes * 60));
  const int shift = offset - moment.offset_minutes;
  if (moment.precision == Precision::hour && shift % 60 != 0) return false;
  const auto moved =
      moment_at(MomentKind::timestamp, ticks_of(moment) + shift * 60 * kTicksPerSecond, moment.precision, offset);
  if (!moved) return false;
  result = Value::timestamp(*moved);
  return true;
}

}  // namespace

const Function kInZone = {
    .name = "in_zone",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::timestamp,
    .can_fail =
        "the timestamp has no offset from UTC (see `with_zone`) or no hour, or the offsets differ by a part of an "
        "hour and the timestamp has no minute",
    .doc =
        "The same instant as clocks in the time zone (IANA database, `America/New_York`) show it, with their "
        "offset then. The database is that of the build.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
    .precision_from = 1,
    .offset = Offset::always,
};

}  // namespace smarthl7::builtins

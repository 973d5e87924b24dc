// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/moment_argument.h"
#include "stdlib/builtins/pattern.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"value", Type::moment},
                                     {.name = "pattern",
                                      .type = Type::text,
                                      .constant = true,
                                      .valid = is_pattern,
                                      .expects = "a pattern of dates and times, as in `dd.MM.yyyy HH:mm`"}};
constexpr Example kExamples[] = {
    {R"(format(date("20261123"), "dd.MM.yyyy"))", R"("23.11.2026")"},
    {R"(format(date("20261123"), "EEEE, d MMMM yyyy"))", R"("Monday, 23 November 2026")"},
    {R"(format(timestamp("202611231405"), "MM/dd/yy h:mm a"))", R"("11/23/26 2:05 PM")"},
    {R"(format(timestamp("20261123140500+0100"), "yyyy-MM-dd'T'HH:mm:ssXXX"))", R"("2026-11-23T14:05:00+01:00")"},
    {R"(format(time("1405"), "HH.mm 'Uhr'"))", R"("14.05 Uhr")"},
    {R"(format(date("202611"), "dd.MM.yyyy"))", R"(fails)"},
};

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view pattern = arguments[1].text;
  if (pattern.size() > kMostPattern) return false;
  Builder builder(arena, pattern_room(pattern));
  if (!put_moment(kind_of(arguments[0]), arguments[0].moment, pattern, builder)) return false;
  result = builder.value();
  return true;
}

}  // namespace

const Function kFormat = {
    .name = "format",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the moment is less precise than the pattern, has no date, time of day or offset that it asks for",
    .doc = "The date, time or timestamp as text after the pattern, see below.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::dates,
};

}  // namespace smarthl7::builtins

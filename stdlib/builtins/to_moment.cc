// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/to_moment.h"

#include <algorithm>

namespace smarthl7::builtins {
namespace {

std::optional<Moment> date_of(const Value& from) {
  if (from.kind == Kind::time) return std::nullopt;
  Moment moment = *cut(from.moment, std::min(from.moment.precision, Precision::day));
  moment.offset_minutes = Moment::kNoOffset;
  return moment;
}

std::optional<Moment> time_of(const Value& from) {
  if (from.kind == Kind::date || from.moment.precision < Precision::hour) return std::nullopt;
  Moment moment = from.moment;
  moment.year = 0;
  moment.month = moment.day = 1;
  return moment;
}

}  // namespace

bool is_precision(std::string_view name) { return precision_named(name).has_value(); }

std::optional<Moment> to_moment(MomentKind kind, std::span<const Value> arguments) {
  const Value& from = arguments[0];
  std::optional<Moment> moment;
  if (from.kind == Kind::text) {
    moment = read_moment(kind, from.text);
    // A date is read from a timestamp's text too: a field may be sent more precisely than the day.
    if (!moment && kind == MomentKind::date) {
      if (const auto whole = read_moment(MomentKind::timestamp, from.text)) moment = date_of(Value::timestamp(*whole));
    }
  } else if (kind == MomentKind::date) {
    moment = date_of(from);
  } else if (kind == MomentKind::time) {
    moment = time_of(from);
  } else if (from.kind != Kind::time) {
    moment = from.moment;
  }
  if (!moment || arguments.size() < 2) return moment;
  const auto precision = precision_named(arguments[1].text);
  if (!precision || (kind == MomentKind::date && *precision > Precision::day) ||
      (kind == MomentKind::time && *precision < Precision::hour))
    return std::nullopt;
  return cut(*moment, *precision);
}

}  // namespace smarthl7::builtins

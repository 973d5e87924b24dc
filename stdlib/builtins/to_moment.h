// SPDX-License-Identifier: Apache-2.0
// What date(), time(), timestamp() and their is_...() share: a text or moment, and perhaps a precision, make a moment.
// Pure; any thread; nothing if it cannot be made.
#pragma once

#include <optional>
#include <span>

#include "stdlib/builtins/function.h"
#include "stdlib/builtins/moment.h"
#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

/// arguments[0] is text or a moment, arguments[1], if given, names a precision, to which the result is cut. A timestamp gives
/// a date or a time by losing the other part; a date gives a timestamp; the two other ways give nothing.
[[nodiscard]] std::optional<Moment> to_moment(MomentKind kind, std::span<const Value> arguments);

/// Parameters of these functions.
[[nodiscard]] bool is_precision(std::string_view name);
inline constexpr Parameter kPrecisionParameter = {
    .name = "precision",
    .type = Type::text,
    .optional = true,
    .constant = true,
    .valid = is_precision,
    .expects = "year, month, day, hour, minute, second, tenth, hundredth, millisecond or ten_thousandth",
};

}  // namespace smarthl7::builtins

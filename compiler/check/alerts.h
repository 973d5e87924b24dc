// SPDX-License-Identifier: Apache-2.0
// Alerts and the contacts that they notify: metrics of the declared list, their units, what they are of, and whom they tell.
// Reports to the sink; one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/check/context.h"
#include "stdlib/route/metrics.h"

namespace smarthl7::check {

void check_alerts(Context& context);

/// The value that a metric is compared with, as the plan has it: microseconds, bytes or a number; nothing if it has another
/// unit.
[[nodiscard]] std::optional<std::uint64_t> alert_value(const route::Metric& metric, const syntax::Expr& value);
/// 99 of `p99`; nothing if it is no quantile.
[[nodiscard]] std::optional<std::uint16_t> quantile_of(std::string_view text);

}  // namespace smarthl7::check

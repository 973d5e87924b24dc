// SPDX-License-Identifier: Apache-2.0
// What an alert can watch: the declared list of metrics, with their units, of flows and of destinations. Read by check, by
// editors and by the documentation. Constant data; any thread; no failure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace smarthl7::route {

enum class MetricUnit : std::uint8_t { duration, size, count, per_minute };

struct Metric {
  std::string_view name;
  MetricUnit unit = MetricUnit::count;
  bool of_flow = false;         // `in FLOW`
  bool of_destination = false;  // `of DESTINATION`
  bool quantiles = false;       // it has a distribution: `p99 of NAME`, and no single value
  std::string_view doc;
  std::string_view example;
};

/// By name.
[[nodiscard]] std::span<const Metric> all_metrics();
[[nodiscard]] const Metric* find_metric(std::string_view name);
[[nodiscard]] std::string_view name_of(MetricUnit unit);

}  // namespace smarthl7::route

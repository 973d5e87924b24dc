// SPDX-License-Identifier: Apache-2.0
#include "stdlib/route/metrics.h"

#include <algorithm>

namespace smarthl7::route {

namespace {

constexpr Metric kMetrics[] = {
    {"accepted", MetricUnit::per_minute, true, false, false, "messages that were taken",
     "when accepted in results < 1 for 30m"},
    {"ack_time", MetricUnit::duration, true, false, true, "from the receipt of a message to its acknowledgement",
     "when p95 of ack_time in results > 2s for 5m"},
    {"conflicts", MetricUnit::per_minute, true, false, false, "messages with a dedup key that other bytes had before",
     "when conflicts in results > 0"},
    {"dead", MetricUnit::per_minute, true, true, false, "messages that were given up", "when dead of mercy > 0"},
    {"delivery_time", MetricUnit::duration, true, true, true, "from the receipt of a message to the accepted answer",
     "when p99 of delivery_time in results > 60s for 5m"},
    {"dropped", MetricUnit::per_minute, true, false, false, "messages that the flow filters out",
     "when dropped in results > 100"},
    {"duplicates", MetricUnit::per_minute, true, false, false, "copies of messages that were taken before",
     "when duplicates in results > 10 for 10m"},
    {"held", MetricUnit::count, false, true, false, "lanes that wait for a person", "when held of mercy > 0"},
    {"oldest", MetricUnit::duration, false, true, false, "the age of the oldest message without an outcome",
     "when oldest of mercy > 15m"},
    {"queued", MetricUnit::count, false, true, false, "messages without an outcome", "when queued of mercy > 1000 for 10m"},
    {"queued_bytes", MetricUnit::size, false, true, false, "their size", "when queued_bytes of mercy > 1GiB"},
    {"refused", MetricUnit::per_minute, false, true, false, "answers that said no, of any kind",
     "when refused of mercy > 5 for 5m"},
    {"rejected", MetricUnit::per_minute, true, false, false, "messages that were answered with a reject",
     "when rejected in results > 5 for 5m"},
    {"resent", MetricUnit::per_minute, false, true, false, "messages sent again after a restart", "when resent of mercy > 0"},
    {"silence", MetricUnit::duration, true, false, false, "since the last message came", "when silence in results > 2h"},
    {"unanswered", MetricUnit::per_minute, false, true, false, "sends without an answer in time",
     "when unanswered of mercy > 3 for 5m"},
    {"unreachable", MetricUnit::per_minute, false, true, false, "attempts that reached nobody",
     "when unreachable of mercy > 0 for 5m"},
};

}  // namespace

std::span<const Metric> all_metrics() { return kMetrics; }

const Metric* find_metric(std::string_view name) {
  const auto* found = std::ranges::find(kMetrics, name, &Metric::name);
  return found == std::ranges::end(kMetrics) ? nullptr : found;
}

std::string_view name_of(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::duration: return "a duration";
    case MetricUnit::size: return "a size";
    case MetricUnit::count: return "a number";
    case MetricUnit::per_minute: return "a number per minute";
  }
  return "";
}

}  // namespace smarthl7::route

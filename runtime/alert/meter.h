// SPDX-License-Identifier: Apache-2.0
// Measures what one `when` of an alert watches, look by look, and says whether its comparison holds. Numbers per minute and
// quantiles are of a window (window.h); what is tried again with growing pauses counts as long as it goes on. Owned by the
// evaluator; one thread; no failure. What each metric means stands in docs/operate/alerts.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/alert/observed.h"
#include "runtime/alert/window.h"
#include "stdlib/route/metrics.h"

namespace smarthl7::alert {

enum class MetricKind : std::uint8_t {
  accepted,
  ack_time,
  conflicts,
  dead,
  delivery_time,
  dropped,
  duplicates,
  held,
  oldest,
  queued,
  queued_bytes,
  refused,
  rejected,
  resent,
  silence,
  unanswered,
  unreachable,
};
/// Nothing for a name that is not measured (a test shows that every declared one is).
[[nodiscard]] std::optional<MetricKind> metric_kind(std::string_view name);
/// "2m5s", "1.5GiB", "17".
[[nodiscard]] std::string show(route::MetricUnit unit, std::uint64_t value);

class Meter {
 public:
  Meter(const plan::Plan& plan, const plan::AlertCondition& condition);

  /// For `silence`: a source's last message before this run, as far back from the first look as it lies.
  void came_before(std::string_view source, WallTime at);
  [[nodiscard]] bool watches_silence() const { return kind_ == MetricKind::silence; }

  /// The value, if there is one: a quantile of nothing is none.
  std::optional<std::uint64_t> measure(const Observed& observed);
  bool holds(const Observed& observed);
  /// "queued of mercy is 1204 (> 1000)", after the last look.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::chrono::microseconds lasting() const { return lasting_; }

 private:
  [[nodiscard]] std::uint64_t sources(const Observed& observed, std::uint64_t flow::SourceCounters::* counter) const;
  [[nodiscard]] std::uint64_t destinations(const Observed& observed, std::uint64_t flow::DestinationCounters::* counter) const;
  [[nodiscard]] std::uint64_t endings(const Observed& observed, std::uint64_t flow::FlowCounters::* counter) const;
  [[nodiscard]] std::uint64_t lanes_in(const Observed& observed, std::initializer_list<flow::Trouble> troubles) const;
  std::optional<std::uint64_t> quantile(const Observed& observed);
  std::uint64_t silence(const Observed& observed);

  MetricKind kind_ = MetricKind::accepted;
  route::MetricUnit unit_ = route::MetricUnit::count;
  double share_ = 0;
  std::string what_;  // "p99 of delivery_time in results"
  std::string op_;
  std::uint64_t value_ = 0;
  std::chrono::microseconds lasting_{0};
  plan::Id flow_ = plan::kNone;
  std::vector<plan::Id> sources_;       // of the flow
  std::vector<plan::Id> destinations_;  // the one, or those that the flow reaches
  std::vector<std::string> names_;      // of sources_
  std::optional<std::uint64_t> last_;
  CountWindow counts_;
  std::unique_ptr<QuantileWindow> quantiles_;
  std::optional<WallTime> came_;            // the last message before this run
  std::uint64_t received_ = 0;              // at the last look
  std::optional<SteadyTime> silent_since_;  // the look that first saw the last message
};

}  // namespace smarthl7::alert

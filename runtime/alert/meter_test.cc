// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/alert/reach.h"
#include "runtime/alert/testing.h"

namespace smarthl7::alert {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;

struct Metered {
  explicit Metered(const When& when) : plan(small_plan({when})), meter(plan, plan.alerts[0].conditions[0]) {}
  std::optional<std::uint64_t> look(std::chrono::microseconds later = 5s) {
    hub.pass(later);
    return meter.measure(hub.seen);
  }
  plan::Plan plan;
  Meter meter;
  Hub hub;
};

TEST(Meter, KnowsEveryDeclaredMetric) {
  for (const route::Metric& metric : route::all_metrics()) EXPECT_TRUE(metric_kind(metric.name)) << metric.name;
  EXPECT_FALSE(metric_kind("weather"));
}

TEST(Meter, MeasuresEveryMetricOfAFlow) {
  for (const route::Metric& metric : route::all_metrics()) {
    if (!metric.of_flow) continue;
    Metered one({std::string(metric.name), ">", 0, 0s, static_cast<std::uint16_t>(metric.quantiles ? 99 : 0), true});
    one.look();
    one.hub.source().accepted = one.hub.source().conflicts = one.hub.source().duplicates = one.hub.source().rejected = 3;
    one.hub.flow().dropped = 3;
    one.hub.flow().dead = 1;
    one.hub.mercy().counters.dead = 1;
    one.hub.seen.engine.destinations[1].counters.dead = 1;
    one.hub.mercy().delivery_time.add(3us);
    one.hub.seen.engine.sources[0].ack_time.add(3us);
    EXPECT_THAT(one.look(3us), Optional(3U)) << metric.name;
  }
}

TEST(Meter, MeasuresEveryMetricOfADestination) {
  for (const route::Metric& metric : route::all_metrics()) {
    if (!metric.of_destination) continue;
    Metered one({std::string(metric.name), ">", 0, 0s, static_cast<std::uint16_t>(metric.quantiles ? 99 : 0), false});
    one.look();
    flow::DestinationCounters& counters = one.hub.mercy().counters;
    counters.dead = counters.refused = counters.resent = counters.unanswered = counters.unreachable = 3;
    one.hub.mercy().delivery_time.add(3us);
    one.hub.mercy().oldest = one.hub.seen.wall;
    one.hub.mercy().lanes.resize(3);
    for (flow::LaneStatus& lane : one.hub.mercy().lanes) lane.state = flow::LaneState::held;
    one.hub.seen.store.destinations[0].queued = one.hub.seen.store.destinations[0].queued_bytes = 3;
    EXPECT_THAT(one.look(3us), Optional(3U)) << metric.name;
  }
}

TEST(Meter, CountsTheLastMinute) {
  Metered one({"refused", ">", 0});
  one.hub.mercy().counters.refused = 4;  // before the first look: they belong to it
  EXPECT_THAT(one.look(), Optional(4U));
  for (int i = 0; i < 11; ++i) EXPECT_THAT(one.look(), Optional(4U)) << i;
  one.hub.mercy().counters.refused = 6;
  EXPECT_THAT(one.look(), Optional(2U));  // a minute later, the four are over
  for (int i = 0; i < 11; ++i) EXPECT_THAT(one.look(), Optional(2U)) << i;
  EXPECT_THAT(one.look(), Optional(0U));
}

TEST(Meter, WhatIsTriedAgainCountsBetweenItsAttempts) {
  Metered one({"unreachable", ">", 0});
  one.hub.mercy().counters.unreachable = 1;
  one.hub.lane().trouble = flow::Trouble::unreachable;
  one.hub.lane().head.message = 17;
  EXPECT_THAT(one.look(), Optional(1U));
  EXPECT_THAT(one.look(4min), Optional(1U));  // no attempt for four minutes, and still not reached
  one.hub.lane().head.message = 0;            // the message was given up: nobody is tried
  EXPECT_THAT(one.look(), Optional(0U));
  one.hub.lane().head.message = 18;
  one.hub.lane().trouble = flow::Trouble::refused;  // reached
  EXPECT_THAT(one.look(), Optional(0U));
}

TEST(Meter, QuantilesAreOfFiveMinutes) {
  Metered one({"delivery_time", ">", 0, 0s, 90, true});
  EXPECT_FALSE(one.look());  // of nothing
  for (int i = 0; i < 9; ++i) one.hub.mercy().delivery_time.add(10us);
  one.hub.seen.engine.destinations[1].delivery_time.add(2000s);
  EXPECT_THAT(one.look(), Optional(10U));
  one.hub.seen.engine.destinations[1].delivery_time.add(2000s);
  EXPECT_THAT(one.look(), Optional(testing::Gt(1'900'000'000U)));
  for (int i = 0; i < 54; ++i) EXPECT_THAT(one.look(), Optional(testing::Gt(1'900'000'000U))) << i;
  for (int i = 0; i < 10; ++i) one.look();
  EXPECT_FALSE(one.look());
}

TEST(Meter, WhatWaitsAtTheHeadOfALaneIsSlowAlready) {
  Metered one({"delivery_time", ">", 0, 0s, 99, false});
  one.hub.lane().head.message = 17;
  one.hub.lane().head_received = one.hub.seen.wall;
  EXPECT_THAT(one.look(90s), Optional(testing::AllOf(testing::Ge(90'000'000U), testing::Lt(96'000'000U))));
  EXPECT_TRUE(Metered({"delivery_time", ">", 60'000'000, 0s, 99, false}).meter.holds(one.hub.seen));
}

TEST(Meter, SilenceGoesOnOverAStart) {
  Metered fresh({"silence", ">", 0, 0s, 0, true});
  EXPECT_THAT(fresh.look(), Optional(0U));
  EXPECT_THAT(fresh.look(30s), Optional(30'000'000U));
  fresh.hub.source().received = 1;
  EXPECT_THAT(fresh.look(30s), Optional(0U));

  Metered again({"silence", ">", 0, 0s, 0, true});
  again.meter.came_before("lab", again.hub.seen.wall - 2h);
  again.meter.came_before("other", again.hub.seen.wall);
  EXPECT_THAT(again.look(0s), Optional(7'200'000'000U));
}

TEST(Meter, AClockThatJumpsBackIsNoAge) {
  Metered one({"oldest", ">", 0});
  one.hub.mercy().oldest = one.hub.seen.wall + 1h;
  EXPECT_THAT(one.look(), Optional(0U));
}

TEST(Meter, ComparesAndSays) {
  Hub hub;
  hub.seen.store.destinations[0].queued = 7;
  const auto holds = [&](const std::string& op, std::uint64_t value) {
    return Metered({"queued", op, value}).meter.holds(hub.seen);
  };
  EXPECT_TRUE(holds(">", 6) && holds(">=", 7) && holds("<", 8) && holds("<=", 7) && holds("==", 7) && holds("!=", 8));
  EXPECT_FALSE(holds(">", 7) || holds(">=", 8) || holds("<", 7) || holds("<=", 6) || holds("==", 8) || holds("!=", 7));
  Metered one({"queued", ">", 5});
  EXPECT_TRUE(one.meter.holds(hub.seen));
  EXPECT_EQ(one.meter.text(), "queued of mercy is 7 (> 5)");
  Metered slow({"delivery_time", ">", 60'000'000, 0s, 99, true});
  EXPECT_FALSE(slow.meter.holds(hub.seen));
  EXPECT_EQ(slow.meter.text(), "p99 of delivery_time in results has no value (> 1m0s)");
  EXPECT_EQ(show(route::MetricUnit::size, 1'610'612'736), "1.5GiB");
  EXPECT_EQ(show(route::MetricUnit::duration, 691'200'000'000), "8d0h");
}

TEST(Reach, GoesIntoBlocks) {
  const plan::Plan plan = small_plan({});
  EXPECT_THAT(reached_by(plan, plan.flows[0]), ElementsAre(0, 1));
}

}  // namespace
}  // namespace smarthl7::alert

// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/connection_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace smarthl7::app {
namespace {

struct HandClock final : env::Clock {
  [[nodiscard]] WallTime wall() const override { return now; }
  WallTime now{std::chrono::hours(1)};
};

transport::Event refused(const std::string& address, const std::string& cause) {
  auto peer = std::make_shared<transport::Peer>();
  peer->address = address;
  return {transport::EventKind::refused, peer, "TLS with " + address + " failed: " + cause};
}

TEST(ConnectionLog, a_cause_is_told_once_a_minute_with_the_number_of_those_between) {
  HandClock clock;
  std::vector<std::string> lines;
  ConnectionLog log(&clock, [&](std::string_view, std::string_view text) { lines.emplace_back(text); });
  for (int port = 4000; port < 4005; ++port) log.note("lab", refused("10.0.0.7:" + std::to_string(port), "it has shown none"));
  EXPECT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front(),
            "source lab: a connection from 10.0.0.7:4000 was refused: TLS with 10.0.0.7:4000 failed: it has shown none");
  log.note("lab", refused("10.0.0.7:5000", "our certificate has expired"));
  log.note("lab", refused("10.0.0.8:5000", "it has shown none"));
  log.note("clinic", refused("10.0.0.7:5000", "it has shown none"));
  EXPECT_EQ(lines.size(), 4U);
  clock.now += std::chrono::seconds(61);
  log.note("lab", refused("10.0.0.7:6000", "it has shown none"));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_THAT(lines.back(), ::testing::EndsWith("(4 more like it before)"));
}

TEST(ConnectionLog, other_events_are_counted_and_not_told) {
  HandClock clock;
  int lines = 0;
  ConnectionLog log(&clock, [&](std::string_view, std::string_view) { ++lines; });
  transport::Event event = refused("10.0.0.7:4000", "x");
  for (const auto kind : {transport::EventKind::opened, transport::EventKind::closed, transport::EventKind::noise}) {
    event.kind = kind;
    log.note("lab", event);
  }
  EXPECT_EQ(lines, 0);
}

}  // namespace
}  // namespace smarthl7::app

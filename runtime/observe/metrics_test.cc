// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/metrics.h"

#include <gmock/gmock.h>

namespace smarthl7::observe {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, ShowsSourcesAndDestinationsByName) {
  ServiceStatus status;
  SourceStatus source;
  source.name = "lab";
  source.received = 7;
  source.to_acknowledgement = {7, 1000, 2000, 3000, 4000};
  status.sources.push_back(source);
  source.name = "pharmacy";
  source.received = 2;
  source.files = 6;
  source.trouble = "cannot list /in";
  status.sources.push_back(source);
  DestinationStatus destination;
  destination.name = "mercy";
  destination.queued = 3;
  destination.dead_letters = 4;
  destination.ambiguous = 5;
  destination.lanes.push_back({0, "held", 0, 0, "", true});
  destination.lanes.push_back({1, "held", 0, 0, "", false});
  destination.lanes.push_back({2, "held", 0, 0, "", false});
  status.destinations.push_back(destination);
  const std::string text = to_prometheus(status, 11, 12);
  EXPECT_THAT(text, HasSubstr("# TYPE smarthl7_source_received_total counter"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_received_total{source=\"lab\"} 7"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_received_total{source=\"pharmacy\"} 2"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_acknowledgement_seconds{source=\"lab\",quantile=\"0.99\"} 0.003"));
  EXPECT_THAT(text, HasSubstr("smarthl7_destination_queued{destination=\"mercy\"} 3"));
  EXPECT_THAT(text, HasSubstr("smarthl7_destination_dead_letters{destination=\"mercy\"} 4"));
  EXPECT_THAT(text, HasSubstr("smarthl7_destination_ambiguous{destination=\"mercy\"} 5"));
  EXPECT_THAT(text, HasSubstr("smarthl7_destination_held_lanes{destination=\"mercy\"} 2"));
  EXPECT_THAT(text, HasSubstr("smarthl7_destination_held_by_person_lanes{destination=\"mercy\"} 1"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_held{source=\"lab\"} 0"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_files_total{source=\"pharmacy\"} 6"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_in_trouble{source=\"lab\"} 0"));
  EXPECT_THAT(text, HasSubstr("smarthl7_source_in_trouble{source=\"pharmacy\"} 1"));
  EXPECT_THAT(text, HasSubstr("smarthl7_disk_syncs_total 11"));
}

}  // namespace
}  // namespace smarthl7::observe

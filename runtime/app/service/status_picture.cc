// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/service/status_picture.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string_view>

namespace smarthl7::app {
namespace {

observe::Latency latency_of(const observe::Histogram& histogram) {
  const auto at = [&](double share) { return static_cast<double>(histogram.quantile(share).count()); };
  return {histogram.count(), at(0.5), at(0.9), at(0.99), at(1.0)};
}

int badness(flow::LaneState state) {
  switch (state) {
    case flow::LaneState::idle: return 0;
    case flow::LaneState::stopped: return 1;
    case flow::LaneState::sending:
    case flow::LaneState::paced: return 2;
    case flow::LaneState::waiting: return 3;
    case flow::LaneState::retrying: return 4;
    case flow::LaneState::rejected: return 5;
    case flow::LaneState::held: return 6;
  }
  return 0;
}

observe::SourceStatus source_of(const flow::SourceSnapshot& s) {
  observe::SourceStatus out;
  out.name = s.name;
  out.listens = s.local;
  out.connections = s.connections.open;
  out.received = s.counters.received;
  out.accepted = s.counters.accepted;
  out.rejected = s.counters.rejected;
  out.duplicates = s.counters.duplicates;
  out.conflicts = s.counters.conflicts;
  out.not_stored = s.counters.not_stored;
  out.noise_bytes = s.connections.noise_bytes;
  out.bad_frames = s.connections.bad_frames;
  out.timed_out = s.connections.timed_out;
  out.broken = s.connections.broken;
  out.refused_connections = s.connections.refused;
  out.tolerated_endings = s.connections.tolerated_endings;
  out.key_absent = s.counters.keyless;
  out.charset_mismatches = s.counters.misfitting;
  out.charset_mismatched_bytes = s.counters.misfits;
  out.answers = s.counters.answers;
  out.sequence_gaps = s.counters.sequence_gaps;
  out.sequence_repeats = s.counters.sequence_repeats;
  out.consumed = s.counters.consumed;
  out.batches = s.counters.batches;
  out.batch_findings = s.counters.batch_findings;
  out.files = s.connections.files;
  out.failed_files = s.connections.failed_files;
  out.left_alone = s.connections.left_alone;
  out.trouble = s.connections.trouble;
  out.held = s.held;
  out.held_why = s.held_why;
  out.to_acknowledgement = latency_of(s.ack_time);
  return out;
}

observe::DestinationStatus destination_of(const flow::DestinationSnapshot& d, const store::StoreStatus& store) {
  observe::DestinationStatus out;
  out.name = d.name;
  out.address = d.address;
  out.delivered = d.counters.delivered;
  out.refused = d.counters.refused;
  out.retries = d.counters.retries;
  out.unanswered = d.counters.unanswered;
  out.unreachable = d.counters.unreachable;
  out.mismatched = d.counters.mismatched;
  out.dead = d.counters.dead;
  out.to_delivery = latency_of(d.delivery_time);
  for (const auto& kept : store.destinations)
    if (kept.name == d.name) {
      out.queued = kept.queued;
      out.dead_letters = kept.dead_letters;
      out.ambiguous = kept.ambiguous;
    }
  flow::LaneState worst = flow::LaneState::idle;
  for (const auto& lane : d.lanes) {
    if (badness(lane.state) > badness(worst)) worst = lane.state;
    out.lanes.push_back(
        {lane.lane, std::string(name_of(lane.state)), lane.waiting, lane.attempts, lane.last_error, lane.held_by_person});
  }
  if (d.held > 0 && badness(worst) < badness(flow::LaneState::held)) worst = flow::LaneState::held;
  out.state = name_of(worst);
  out.held = d.held;
  out.parked = d.parked;
  out.paced = d.counters.paced;
  if (d.pace_messages > 0)
    out.pace = fmt::format("{} per {}", d.pace_messages, std::chrono::duration_cast<std::chrono::milliseconds>(d.pace_within));
  return out;
}

}  // namespace

observe::ServiceStatus picture_of(const flow::EngineSnapshot& engine, const store::StoreStatus& store) {
  observe::ServiceStatus out;
  out.version = kServiceVersion;
  out.started_at = engine.started_at;
  out.draining = engine.stopping;
  for (const auto& source : engine.sources) out.sources.push_back(source_of(source));
  for (const auto& destination : engine.destinations) out.destinations.push_back(destination_of(destination, store));
  for (const flow::BatchSnapshot& batch : engine.batches)
    out.batches.push_back({batch.name, batch.waiting, batch.batches, batch.members});
  return out;
}

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// What a source has counted since the start, and a snapshot of it. Value types; each reactor counts for itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/observe/histogram.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

struct SourceCounters {
  std::uint64_t received = 0;    // messages, each of a batch by itself
  std::uint64_t accepted = 0;    // taken: durable
  std::uint64_t rejected = 0;    // answered with AE, AR, CE or CR for what they are
  std::uint64_t unrecorded = 0;  // of these, counted only: more in a second than the store shall keep
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;         // same dedup key, other bytes
  std::uint64_t not_stored = 0;        // answered "try again": the store was full or has stopped
  std::uint64_t keyless = 0;           // passed a dedup step without a key
  std::uint64_t findings = 0;          // of tolerant validation
  std::uint64_t misfits = 0;           // bytes that their message's character set cannot hold (kept)
  std::uint64_t misfitting = 0;        // messages with such bytes
  std::uint64_t answers = 0;           // acknowledgements that a destination waited for
  std::uint64_t broken = 0;            // connections that broke or were closed for bad frames or time-outs
  std::uint64_t consumed = 0;          // commit acknowledgements of our acknowledgements: nothing comes after them
  std::uint64_t links = 0;             // messages that only start or set back a sequence (MSH-13 of 0 or -1)
  std::uint64_t sequence_gaps = 0;     // MSH-13 jumped ahead of the sender's last one
  std::uint64_t sequence_repeats = 0;  // ... or did not go beyond it
  std::uint64_t batches = 0;           // frames that were batches or files
  std::uint64_t batch_findings = 0;    // what was wrong with those: counts, trailers

  void add(const SourceCounters& other);
};

/// What a flow has ended by itself, of the messages that were taken.
struct FlowCounters {
  std::uint64_t dead = 0;
  std::uint64_t dropped = 0;
};

struct SourceSnapshot {
  std::string name;
  SourceCounters counters;
  transport::SourceStats connections;
  std::string local;  // where it listens
  bool held = false;  // by a person: it does not
  std::string held_why;
  std::vector<FlowCounters> flows;  // in the order of the plan; of this source's messages
  observe::Histogram ack_time;      // last byte read to answer written
};

}  // namespace smarthl7::flow

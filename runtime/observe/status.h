// SPDX-License-Identifier: Apache-2.0
// A picture of a running service at one moment, gathered from its sources, destinations and store; what `status`, the metrics
// and alerts are made from. Plain values; no patient data. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stdlib/base/time.h"

namespace smarthl7::observe {

struct Latency {  // microseconds
  std::uint64_t count = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

struct SourceStatus {
  std::string name;
  std::string listens;            // "127.0.0.1:2575"
  std::uint64_t connections = 0;  // open now
  std::uint64_t received = 0;     // complete frames, this run
  std::uint64_t accepted = 0;     // answered positively, duplicates included
  std::uint64_t rejected = 0;     // by verdict: AE or AR
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;    // same dedup key, other bytes
  std::uint64_t not_stored = 0;   // refused with 207: the store could not take them
  std::uint64_t noise_bytes = 0;  // outside of frames
  std::uint64_t bad_frames = 0;
  std::uint64_t timed_out = 0;                 // connections closed: silent in the middle of a frame, or idle for too long
  std::uint64_t broken = 0;                    // connections that the peer ended in a frame or before its answer was written
  std::uint64_t refused_connections = 0;       // more than allowed, or TLS failed
  std::uint64_t tolerated_endings = 0;         // frames that ended in FS without CR
  std::uint64_t answers = 0;                   // acknowledgements that a destination waited for, sent as messages
  std::uint64_t key_absent = 0;                // passed dedup because the key was not there
  std::uint64_t charset_mismatches = 0;        // messages with bytes that their character set cannot hold
  std::uint64_t charset_mismatched_bytes = 0;  // such bytes, which were kept as they are
  std::uint64_t sequence_gaps = 0;             // MSH-13 jumped ahead of the sender's last number
  std::uint64_t sequence_repeats = 0;          // ... or did not go beyond it
  std::uint64_t consumed = 0;                  // commit acknowledgements of the hub's own acknowledgements
  std::uint64_t batches = 0;                   // frames that were batches or files
  std::uint64_t batch_findings = 0;            // what was wrong with their envelopes
  std::uint64_t files = 0;                     // of a folder, taken whole
  std::uint64_t failed_files = 0;              // put aside with a reason
  std::uint64_t left_alone = 0;                // links, folders and the like that lie there now
  std::string trouble;                         // what keeps it from its folder now; no names of files
  bool held = false;                           // by a person: it does not listen
  std::string held_why;                        // in the person's words
  Latency to_acknowledgement;                  // frame complete -> answer handed to the system
};

struct LaneStatus {
  std::uint32_t number = 0;
  std::string state;           // idle, sending, retrying, held, unreachable, credentials
  std::uint64_t window = 0;    // released and without outcome
  std::uint32_t attempts = 0;  // of the message at its head
  std::string last_error;      // no patient data
  bool held_by_person = false;
};

struct DestinationStatus {
  std::string name;
  std::string address;
  std::string state;            // the worst of its lanes
  std::uint64_t queued = 0;     // stored and without outcome
  std::uint64_t delivered = 0;  // this run
  std::uint64_t refused = 0;    // answers that were refusals, for now or for good
  std::uint64_t retries = 0;    // sends after the first
  std::uint64_t unanswered = 0;
  std::uint64_t unreachable = 0;   // failed connects
  std::uint64_t mismatched = 0;    // answers that were not for the message
  std::uint64_t dead = 0;          // given up, this run
  std::uint64_t dead_letters = 0;  // neither replayed nor dropped
  std::uint64_t ambiguous = 0;     // in the ledger, not settled
  std::uint64_t held = 0;          // refused for good, and a person must look at them (`on refusal hold key`)
  std::uint64_t parked = 0;        // wait behind these, of the same keys
  std::string pace;                // "50 per 1s"; empty: as fast as it goes
  std::uint64_t paced = 0;         // sends that waited for their turn, this run
  Latency to_delivery;             // received -> accepted by the destination
  Latency answer_time;             // sent -> answered
  std::vector<LaneStatus> lanes;
};

/// Messages that are collected for one that goes out (`batch up to N or D`).
struct BatchStatus {
  std::string name;           // "results batch 1"
  std::uint64_t waiting = 0;  // for the next one
  std::uint64_t batches = 0;  // this run
  std::uint64_t members = 0;  // in them
};

/// Memory of messages that are being received, in bytes.
struct ReceivingStatus {
  std::uint64_t most = 0;
  std::uint64_t growing = 0;
  std::uint64_t whole = 0;
  std::uint64_t waiting = 0;  // large messages that wait for room
  std::uint64_t spooled = 0;  // messages that were received into a file, this run
};

/// An alert that the plan declares, or one that every hub watches.
struct AlertStatus {
  std::string name;     // "slow_results", "unreachable"
  std::string subject;  // of one that every hub watches: "mercy"; else empty
  bool declared = false;
  std::string state;                  // fine, pending (it holds, not for long enough yet), firing
  WallTime since{};                   // of the state; of fine: since it was last over, or the start
  std::string text;                   // "queued of mercy is 1204 (> 1000)"; empty when fine
  std::uint64_t fired = 0;            // episodes that began in this run
  std::vector<std::string> contacts;  // who is told
  std::string telling;                // what came of telling them, if it did not go well; else empty
};

/// Of a source or destination: its certificate, or the authorities that it trusts (the one that ends first).
struct CertificateStatus {
  std::string end;   // "source lab_feed"
  std::string what;  // "certificate", "authority", "authority of clients"
  std::string subject;
  std::string sha256;
  WallTime not_after{};
  WallTime since{};     // in use since
  std::string trouble;  // why files that were renewed are not in use; else empty
};

/// A table that is read again while the hub runs.
struct TableStatus {
  std::string name;
  std::string file;
  std::string reload;   // "when changed", "when told"
  std::string version;  // of its file's SHA-256, the first 16 digits
  WallTime since{};     // in use
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;    // of memory
  std::uint64_t refused = 0;  // files that were not used, this run
  std::string trouble;        // why the file that is there is not in use; else empty
};

/// What came of reading a table again.
struct TableReload {
  std::string name;
  bool changed = false;  // another version is in use
  std::string version;   // in use now
  std::uint64_t rows = 0;
  std::string refused;  // why the file is not used; else empty
};

struct ServiceStatus {
  std::string version;
  std::string plan;  // hex digest
  std::string environment;
  WallTime started_at{};
  bool draining = false;
  std::vector<SourceStatus> sources;
  std::vector<DestinationStatus> destinations;
  std::vector<BatchStatus> batches;
  ReceivingStatus receiving;
  std::vector<CertificateStatus> certificates;
  std::vector<TableStatus> tables;
  std::vector<AlertStatus> alerts;  // declared ones, and of the others those that are not fine
};

}  // namespace smarthl7::observe

// SPDX-License-Identifier: Apache-2.0
// What one simulated history is made of: which parts the plan has, which faults are tried, how much is sent. All of it follows
// from the seed, and each part and fault can be left out by name, so that a failing history can be made smaller.
// Value types; pure functions; any thread. parse() fails with the name that it does not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::sim {

enum class Part : std::uint8_t {
  // of the plan
  enhanced,         // two destinations wait for the application's acknowledgement
  respond,          // senders get the answer of `mercy`
  delivered,        // `ack when delivered`
  batch,            // a branch collects for `registry`
  split,            // a branch sends the parts of results to `orders`
  patient,          // `mpi` is ordered by patient; merges and swaps are sent
  pool,             // a destination with `order none`
  conflict_reject,  // other bytes under a known id are refused; else taken
  match_order,      // `mercy` answers in order, whatever the id
  hold,             // after a refusal for good `mercy` holds its lane, `archive` the messages of that key
  replace,          // the next life has another plan: lanes, connections, one destination more
  // what senders do
  copies,
  late_copies,
  conflicts,
  rude,
  large,
  // what receivers do
  slow,
  late,
  silent,
  wrong,
  garbage,
  half,
  twice,
  hangup,
  refuse_now,
  refuse_good,
  away,
  // the network
  pieces,
  latency,
  cuts,
  refused_connects,
  // the hub and its machine
  kill,
  power,
  failed_sync,
  slow_sync,
  full_disk,
  clock,
  stops,
  small_store,  // small journal files, groups and queues in memory: they roll and fill up all the time
  // what people do
  replays,
  // of the plan again; at the end, so that the seeds before them keep their histories
  urgent,   // some results overtake at `archive` and `pool`; not in the plan of the second variant
  once,     // `mercy` is delivered to exactly once, and knows copies
  reorder,  // `archive` has another order in the plans of the second and third variant
};
inline constexpr std::size_t kParts = static_cast<std::size_t>(Part::reorder) + 1;

[[nodiscard]] std::string_view name_of(Part part);

struct Scenario {
  std::uint64_t seed = 1;
  std::uint32_t messages = 0;  // sent by all senders together; 0: 10 to 40, as the seed says
  std::uint32_t lives = 0;     // of the hub, at most; 0: 2 to 5, as the seed says
  std::uint64_t left_out = 0;  // bits of Part

  [[nodiscard]] bool has(Part part) const;  // drawn by the seed, and not left out
  void leave_out(Part part) { left_out |= std::uint64_t{1} << static_cast<unsigned>(part); }
  /// As it is given on the command line: "--seed 17 --messages 12 --without cuts,clock".
  [[nodiscard]] std::string text() const;
  /// The same back; nullopt: it holds something unknown.
  [[nodiscard]] static std::optional<Scenario> parse(const std::vector<std::string>& words);
  /// "cuts,clock"; false: a name is unknown.
  bool leave_out(std::string_view names);
};

}  // namespace smarthl7::sim

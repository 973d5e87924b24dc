// SPDX-License-Identifier: Apache-2.0
// Simulated connections: bytes arrive after seeded delays, in seeded pieces; connections are cut, connects are refused.
// A Wire is the network of a world; each process has a SimNetwork on it. Bytes that were written before a close still arrive;
// a process that is killed closes its connections, one that loses power just falls silent.
// Ownership: the World and the Wire outlive networks and streams. Threads: the world's. Failure: as env::Stream says.
#pragma once

#include <map>
#include <string>

#include "runtime/sim/world.h"

namespace smarthl7::sim {

struct NetworkFaults {
  unsigned cut_per_mille = 0;     // of writes: part of it arrives, then both ends see a reset
  unsigned refuse_per_mille = 0;  // of connects
  std::uint64_t least_micros = 20;
  std::uint64_t most_micros = 400;
  unsigned split_per_mille = 200;  // of writes: arrives in pieces
};

class SimListener;

class Wire {
 public:
  explicit Wire(World& world) : world_(world), rng_(world.rng().split()) {}
  NetworkFaults faults;

 private:
  friend class SimNetwork;
  friend class SimListener;
  friend class SimStream;
  World& world_;
  Rng rng_;
  std::map<std::string, SimListener*> listeners_;
  std::uint64_t last_peer_ = 0;
  SteadyTime latest_{};  // arrival of anything that was sent
};

class SimNetwork final : public env::Network {
 public:
  /// `host` may be null: a process that never crashes.
  SimNetwork(Wire& wire, std::shared_ptr<Host> host) : wire_(wire), host_(std::move(host)) {}

  env::Task<Result<std::unique_ptr<env::Stream>>> connect(env::Endpoint to, SteadyTime deadline) override;
  Result<std::unique_ptr<env::Listener>> listen(const env::Endpoint& at) override;
  Result<std::unique_ptr<env::Stream>> adopt(std::unique_ptr<env::Incoming> incoming) override;

 private:
  Wire& wire_;
  std::shared_ptr<Host> host_;
};

}  // namespace smarthl7::sim

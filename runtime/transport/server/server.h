// SPDX-License-Identifier: Apache-2.0
// What every source that listens does, whatever is spoken on its connections: accept, look at the address, TLS, serve each
// connection with one coroutine, count, and stop without losing what the receiver has in hand. A transport derives from it and
// says what a connection keeps (make_link) and what is said on it (talk).
// Ownership, failure: as transport.h says. Threads: connections are spread over the Envs and stay where they are put; what they
// share are the counters (atomic).
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "runtime/env/completion.h"
#include "runtime/env/gate.h"
#include "runtime/transport/intake_keeper.h"
#include "runtime/transport/renewals.h"
#include "runtime/transport/tls/tls.h"
#include "runtime/transport/transport.h"
#include "stdlib/base/networks.h"

namespace smarthl7::transport {

struct ServerSettings {
  env::Endpoint listen;
  Networks allow;                           // empty: any address
  std::shared_ptr<const tls::Context> tls;  // null: plain
  std::shared_ptr<Renewable> renewal;       // gives it new files; null: nobody does
  std::uint64_t most_connections = 10000;
};

/// The options `listen`, `via`, `allow`, `most_connections` and `tls { ... }`.
[[nodiscard]] Result<ServerSettings> read_server_settings(const Options& options);

class Server : public Source {
 public:
  ~Server() override;

  env::Task<Result<void>> start() final;
  env::Task<void> stop(SteadyTime deadline) final;
  [[nodiscard]] SourceStats stats() const final;
  [[nodiscard]] env::Endpoint local() const final { return local_; }

 protected:
  /// One connection. The transport adds what it reads with.
  struct Link {
    explicit Link(IntakeMemory* memory) : keeper(memory) {}
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    virtual ~Link() = default;

    std::shared_ptr<const Peer> peer;
    std::unique_ptr<env::Stream> stream;
    IntakeKeeper keeper;
    SteadyTime since;      // when the last message was answered, or the connection was made
    unsigned in_hand = 0;  // messages that the receiver has
  };

  /// What lives on one executor.
  struct Worker {
    Worker(env::Env given, std::size_t place) : env(given), number(place) {}
    env::Env env;
    const std::size_t number;
    std::vector<Link*> links;
    env::Gate gate;   // of connections
    env::Gate stops;  // of drain()
  };

  struct Counters {
    std::atomic<std::uint64_t> open{0}, accepted{0}, refused{0}, messages{0}, bytes_in{0}, bytes_out{0}, noise_bytes{0}, bad{0},
        timed_out{0}, broken{0}, tolerated_endings{0};
  };

  Server(ServerSettings settings, EnvSet envs, Receiver* receiver);

  virtual std::unique_ptr<Link> make_link(IntakeMemory* memory) = 0;
  /// Until the connection is over; returns only when the receiver has nothing of it any more. The base closes the stream.
  virtual env::Task<void> talk(Worker* worker, Link* link) = 0;

  /// On the worker's executor, when the source stops: ends what the transport waits for besides its connections.
  virtual void stopping_at(Worker* /*worker*/) {}

  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] bool speaks_tls() const { return settings_.tls != nullptr; }
  [[nodiscard]] std::size_t worker_count() const { return workers_.size(); }
  [[nodiscard]] Receiver& receiver() const { return *receiver_; }
  [[nodiscard]] Counters& counters() { return counters_; }

  /// A message that was received into a file comes back into memory when there is room for it. Failure was told.
  env::Task<Result<void>> bring_back(Worker* worker, Link* link, std::string* content);
  /// Failure was told. `pieces` live until the task ends.
  env::Task<Result<void>> write_pieces(Worker* worker, Link* link, std::span<const std::string_view> pieces);
  /// A socket that is closed with unread bytes in it sends a reset, which can overtake our last answer; so read them first.
  static env::Task<void> close_gently(Worker* worker, Link* link);
  void tell(EventKind kind, const std::shared_ptr<const Peer>& peer, std::string text);

 private:
  env::Task<void> accept_loop();
  void hand_over(std::unique_ptr<env::Incoming> incoming);
  env::Task<void> serve(Worker* worker, std::unique_ptr<env::Incoming> incoming);
  env::Task<Result<std::unique_ptr<env::Stream>>> admit(Worker* worker, std::unique_ptr<env::Incoming> incoming, Peer* peer);
  env::Task<void> drain(Worker* worker, SteadyTime deadline, env::Completion<bool>* done);

  const ServerSettings settings_;
  Receiver* const receiver_;
  Counters counters_;
  std::atomic<std::uint64_t> last_connection_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_worker_ = 0;
  std::unique_ptr<env::Listener> listener_;
  env::Endpoint local_;
  env::Gate acceptor_;
  env::Signal stop_accepting_;
};

}  // namespace smarthl7::transport

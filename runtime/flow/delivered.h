// SPDX-License-Identifier: Apache-2.0
// `ack when delivered`: the sender's answer waits for the durable outcomes of what the main line delivers. Outcomes holds, on
// one reactor, the senders that wait; Delivered is one source's side. A copy of the message, also one that comes while the
// first waits or after a restart, waits for the first one's deliveries, which the store knows.
// Ownership: Outcomes belongs to a Reactor, Delivered to an intake. Threads: the reactor's executor. Failure: past its time,
// and when the hub stops, a sender is told to ask again (AE 207); the message stays queued.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/env/env.h"
#include "runtime/env/signal.h"
#include "runtime/eval/effects.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

struct Reactor;

class Outcomes {
  struct Waiting;  // shared with the waiters: in a crash their frames may go after this

 public:
  /// One sender that waits. Made before the first outcome can come, that is, when accept() returns.
  class Waiter {
   public:
    Waiter(Outcomes* outcomes, store::MessageId message);
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter();
    /// True: all of them were accepted. False: one was given up. Nothing: not in time.
    env::Task<std::optional<bool>> wait(std::vector<std::uint32_t> deliveries, SteadyTime until);

   private:
    friend class Outcomes;
    std::shared_ptr<Waiting> waiting_;
    store::MessageId message_;
    std::set<std::uint32_t> accepted_;
    std::set<std::uint32_t> given_up_;
    env::Signal came_;
  };

  explicit Outcomes(env::Executor& executor);
  void arrived(store::DeliveryId delivery, store::OutcomeKind kind);
  /// Nobody waits longer than until then.
  void end(SteadyTime until);

 private:
  std::shared_ptr<Waiting> waiting_;
};

class Delivered {
 public:
  Delivered(const plan::Plan& plan, plan::Id source, store::Store& store);

  /// Does this source's sender wait?
  [[nodiscard]] bool waits() const { return within_.count() > 0; }
  /// The destinations that the main lines of its flows deliver to, for this message.
  void ask(const eval::Effects& effects, std::span<const store::DestinationId> destinations, store::NewMessage& message) const;
  /// After accept(): the commit acknowledgement at once, if the sender wants one, and the application's later.
  void answer(Reactor& reactor, const SharedBytes& request, std::vector<store::DestinationId> awaited,
              const store::Accepted& accepted, transport::Reply& reply) const;

 private:
  env::Task<SharedBytes> wait(Reactor* reactor, SharedBytes request, std::vector<store::DestinationId> destinations,
                              store::Accepted accepted, std::unique_ptr<Outcomes::Waiter> waiter) const;

  store::Store& store_;
  std::chrono::nanoseconds within_{0};
};

}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
// `respond from`: a destination's own answer to a message on its way to the sender. Responses holds, on one reactor, the
// senders that wait; Responder is one source's side: it asks the store to keep the response, and makes a Reply of it, now or
// when it comes. A response is relayed once it is durable, so a copy of the message gets the same bytes.
// Ownership: Responses belongs to a Reactor, Responder to an intake. Threads: the reactor's executor. Failure: past its time a
// sender is told to ask again (AE 207), and the message stays queued.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "compiler/plan/plan.h"
#include "runtime/env/env.h"
#include "runtime/env/signal.h"
#include "runtime/eval/effects.h"
#include "runtime/store/store.h"
#include "runtime/transport/transport.h"

namespace smarthl7::flow {

struct Reactor;

class Responses {
  struct Waiting;  // shared with the waiters: in a crash their frames may go after this

 public:
  /// One sender that waits. Made before the first response can come, that is, when accept() returns.
  class Waiter {
   public:
    Waiter(Responses* responses, store::MessageId message, store::DestinationId destination);
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter();
    /// Nothing: it did not come in time.
    env::Task<std::optional<store::Response>> wait(SteadyTime until);

   private:
    friend class Responses;
    std::shared_ptr<Waiting> waiting_;
    store::MessageId message_;
    store::DestinationId destination_;
    std::optional<store::Response> response_;
    env::Signal came_;
  };

  explicit Responses(env::Executor& executor);
  void arrived(store::MessageId message, store::DestinationId destination, const store::Response& response);
  /// Nobody waits longer than until then.
  void end(SteadyTime until);
  [[nodiscard]] std::size_t waiting() const;

 private:
  std::shared_ptr<Waiting> waiting_;
};

/// The response as the sender gets it: MSA-2 is its control id, MSH-3 to 6 are its own turned around, a commit code (CA, CE,
/// CR) is the application's; every other byte as the destination wrote it. Nothing: the bytes are no response.
[[nodiscard]] std::optional<std::string> relayed(std::string_view response, std::string_view request);

/// The hub's own answer in place of the application's: AA, or AE 207 with the text.
[[nodiscard]] SharedBytes application_answer(Reactor& reactor, const SharedBytes& request, bool accepted,
                                             std::string_view why_not);

class Responder {
 public:
  Responder(const plan::Plan& plan, plan::Id source, std::span<const store::DestinationId> destinations);

  /// Asks for the response if a flow that responds delivers the message.
  void ask(const plan::Plan& plan, const eval::Effects& effects, store::NewMessage& message) const;
  /// After accept() gave `response_of`: the commit acknowledgement at once, if the sender wants one, and the response later.
  void answer(Reactor& reactor, const SharedBytes& request, store::DestinationId destination, const store::Accepted& accepted,
              transport::Reply& reply) const;

 private:
  env::Task<SharedBytes> relay(Reactor* reactor, SharedBytes request, std::optional<store::Response> response,
                               std::unique_ptr<Responses::Waiter> waiter) const;
  static SharedBytes own_answer(Reactor& reactor, const SharedBytes& request, store::OutcomeKind kind, bool late);

  std::span<const store::DestinationId> destinations_;  // by plan id
  std::chrono::nanoseconds within_{0};
};

}  // namespace smarthl7::flow

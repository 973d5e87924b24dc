// SPDX-License-Identifier: Apache-2.0
// Acknowledgements that come to the hub's own sources: a receiver that answers over a connection of its own sends its
// application acknowledgement there as a message (HL7 2.5.1, 2.9.2.2). This finds the delivery that waits for it.
// Ownership: borrows destinations and reactors; the Engine owns it. Threads: add() before the first message, route() on any of
// the engine's reactors. Failure: none; what fits no delivery, or several equally well, is a message like others.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/flow/destination.h"
#include "runtime/flow/reactor.h"

namespace smarthl7::flow {

class AnswerRoutes {
 public:
  void add(Reactor* reactor, Destination* destination) { ends_.push_back({reactor, destination}); }
  [[nodiscard]] bool empty() const { return ends_.empty(); }

  /// Does the message begin like an answer: is there an MSA among its first segments?
  [[nodiscard]] static bool may_be_answer(std::string_view message);
  /// True: it was a delivery's, and what it means is durable.
  [[nodiscard]] env::Task<bool> route(SharedBytes message) const;

 private:
  struct End {
    Reactor* reactor;
    Destination* destination;
  };
  std::vector<End> ends_;
};

}  // namespace smarthl7::flow

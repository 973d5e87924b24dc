// SPDX-License-Identifier: Apache-2.0
// What the engine keeps per reactor: its Env, an evaluator, the buffers in which messages are indexed, and the gate of what
// runs there. Ownership: the Engine. Threads: the reactor's executor, but for `env` itself and on_reactor().
#pragma once

#include <memory>
#include <utility>

#include "runtime/env/completion.h"
#include "runtime/env/env.h"
#include "runtime/env/gate.h"
#include "runtime/eval/evaluator.h"
#include "runtime/flow/acknowledger.h"
#include "runtime/flow/delivered.h"
#include "runtime/flow/response.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::flow {

struct Reactor {
  Reactor(env::Env given, std::shared_ptr<const eval::BoundPlan> plan)
      : env(given),
        evaluator(eval::make_evaluator(std::move(plan))),
        acknowledger(given.clock, given.random),
        responses(given.executor),
        outcomes(given.executor) {}

  env::Env env;
  std::unique_ptr<eval::Evaluator> evaluator;
  hl7::Message message;  // of the message at hand; nobody waits while it is in use
  Acknowledger acknowledger;
  Responses responses;  // senders on this reactor that wait for a destination's answer
  Outcomes outcomes;    // ... and for the delivery of what they sent
  env::Gate gate;
};

namespace detail {

template <class T>
env::Task<void> forward(env::Task<T> task, env::Completion<T>* done) {
  T value = co_await task;
  done->complete(std::move(value));
}

}  // namespace detail

/// Runs a task on another reactor and waits for its value here. T is not void.
template <class T>
env::Task<T> on_reactor(Reactor* reactor, env::Task<T> task) {
  env::Completion<T> done;
  reactor->env.executor.post([reactor, target = &done, moved = std::move(task)]() mutable {
    reactor->gate.spawn(detail::forward<T>(std::move(moved), target));
  });
  T value = co_await done;
  co_return value;
}

}  // namespace smarthl7::flow

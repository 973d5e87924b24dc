// SPDX-License-Identifier: Apache-2.0
// `ack on receipt`: what was answered before it was stored, on one reactor. Internal to intake.cc and intake_receipts.cc; one
// executor. What is in here is lost with the process: that is what the mode means.
#pragma once

#include <cstdint>
#include <map>

#include "runtime/env/gate.h"
#include "runtime/env/signal.h"
#include "runtime/flow/intake.h"

namespace smarthl7::flow {

struct Intake::Receipts {
  std::uint64_t next = 0;                              // messages are numbered as they were answered
  std::size_t messages = 0;                            // on their way into the store
  std::uint64_t bytes = 0;                             // of them
  std::map<std::uint64_t, store::NewMessage> refused;  // by a full disk; tried again in order
  bool trying = false;
  bool ending = false;
  env::Signal changed;
  env::Gate gate;  // last: its frames use all of the above
};

}  // namespace smarthl7::flow

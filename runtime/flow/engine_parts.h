// SPDX-License-Identifier: Apache-2.0
// What an Engine consists of. Internal to engine.cc and engine_hold.cc; owned by the Engine, threads as in engine.h.
#pragma once

#include "runtime/flow/engine.h"

namespace smarthl7::flow {

struct Engine::DestinationEnd {
  Reactor* reactor;
  Destination destination;
};

struct Engine::BatchEnd {
  Reactor* reactor;
  Batcher batcher;
};

struct Engine::SourceEnd {
  std::unique_ptr<Intake> intake;
  std::unique_ptr<transport::Source> source;
  bool started = false;
  bool changing = false;  // a person holds it or lets it go on
  bool held = false;
  std::string held_why;
  transport::SourceStats before{};  // of the listeners before the last hold

  [[nodiscard]] transport::SourceStats stats() const;
};

}  // namespace smarthl7::flow

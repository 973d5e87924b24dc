// SPDX-License-Identifier: Apache-2.0
// One look at a running hub: what the engine and the store have counted, and when. Plain values; any thread; no patient data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/flow/engine.h"
#include "runtime/store/store.h"

namespace smarthl7::alert {

struct Observed {
  SteadyTime now{};
  WallTime wall{};
  flow::EngineSnapshot engine;
  store::StoreStatus store;
  std::vector<std::pair<std::string, std::string>> tables{};  // that reload: name, and why the file there is not used; or ""
};

}  // namespace smarthl7::alert

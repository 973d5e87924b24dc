// SPDX-License-Identifier: Apache-2.0
// Puts the engine's snapshot and the store's counters together into the one picture that status, metrics and alerts show. Pure.
#pragma once

#include "runtime/flow/engine.h"
#include "runtime/observe/status.h"
#include "runtime/store/store.h"

namespace smarthl7::app {

inline constexpr const char* kServiceVersion = "0.1.0";

[[nodiscard]] observe::ServiceStatus picture_of(const flow::EngineSnapshot& engine, const store::StoreStatus& store);

}  // namespace smarthl7::app

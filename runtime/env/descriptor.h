// SPDX-License-Identifier: Apache-2.0
// A stream's descriptor, for a library that reads and writes a socket by itself and blocks (SSH): what comes before, resolving,
// connecting, our side's address, stays this folder's. Ownership: whoever gets the descriptor closes it; the stream is closed
// then. Threads: the stream's executor. Failure: ErrorCode::invalid for a stream that has none (TLS, the simulation).
#pragma once

#include "runtime/env/stream.h"

namespace smarthl7::env {

/// A Stream that can give its descriptor away.
class HasDescriptor {
 public:
  HasDescriptor() = default;
  HasDescriptor(const HasDescriptor&) = delete;
  HasDescriptor& operator=(const HasDescriptor&) = delete;
  virtual ~HasDescriptor() = default;
  virtual Result<int> release_descriptor() = 0;
};

[[nodiscard]] inline Result<int> release_descriptor(Stream& stream) {
  auto* real = dynamic_cast<HasDescriptor*>(&stream);
  if (real == nullptr) return fail(ErrorCode::invalid, "this connection has no socket of its own");
  return real->release_descriptor();
}

}  // namespace smarthl7::env

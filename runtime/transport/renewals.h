// SPDX-License-Identifier: Apache-2.0
// How a renewed certificate, key or list of authorities reaches what was made from the old one: who reads the files gives the
// new values to Renewals, which pass them to every source and connection that was made from these options and still lives.
// Ownership: Options share it; it does not keep what it tells alive. Threads: any, guarded by a mutex that no message's way
// takes. Failure: what cannot use the new values keeps the old ones and says why.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "runtime/transport/options.h"
#include "stdlib/base/result.h"

namespace smarthl7::transport {

class Renewable {
 public:
  Renewable() = default;
  Renewable(const Renewable&) = delete;
  Renewable& operator=(const Renewable&) = delete;
  virtual ~Renewable() = default;
  /// All or nothing: on an Error the old values go on to be used. Any thread.
  virtual Result<void> renew(const Options& fresh) = 0;
};

class Renewals {
 public:
  void add(std::weak_ptr<Renewable> one);
  /// Tells all that live; the first Error, after all were told.
  Result<void> renew(const Options& fresh);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<Renewable>> all_;
};

}  // namespace smarthl7::transport

// SPDX-License-Identifier: Apache-2.0
// How keys and tokens are fetched: the one request that OAuth needs, done by whoever speaks HTTP. Ownership: outlives the
// keepers that use it. Threads: any; each fetch on the executor of its Env. Failure: Result, never ErrorCode::invalid.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/env/env.h"
#include "runtime/env/task.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::transport::oauth {

struct WebRequest {
  Secret form;           // application/x-www-form-urlencoded, sent by POST; empty: a GET
  Secret authorization;  // the value of Authorization; empty: none
};

struct WebAnswer {
  unsigned status = 0;
  std::string body;
};

class Fetcher {
 public:
  Fetcher() = default;
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  virtual ~Fetcher() = default;
  /// `abandon` may be requested to end it early (ErrorCode::closed).
  virtual env::Task<Result<WebAnswer>> fetch(env::Env env, WebRequest request, SteadyTime deadline, env::Abandon* abandon) = 0;
  /// Where it fetches from, for texts.
  [[nodiscard]] virtual const std::string& place() const = 0;
};

}  // namespace smarthl7::transport::oauth

// SPDX-License-Identifier: Apache-2.0
// OAuth and proxies as options say it: the keys and rules of a source, and the token of a destination, which all lanes with the
// same options share. Internal to this folder. Ownership: Clients belongs to the transport and keeps no token alive that no
// lane uses. Threads: any. Failure: ErrorCode::invalid, naming the option.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/transport/oauth/key_keeper.h"
#include "runtime/transport/oauth/token.h"
#include "runtime/transport/oauth/token_keeper.h"
#include "runtime/transport/options.h"
#include "runtime/transport/proxy/proxy.h"

namespace smarthl7::transport::https {

/// The block `proxy { ... }`; nothing if there is none.
[[nodiscard]] Result<std::optional<Proxy>> read_proxy_options(const Options& options);

/// What a source lets tokens in by; `keys` is null if it asks for none.
struct TokenGate {
  std::shared_ptr<oauth::KeyKeeper> keys;
  oauth::TokenRules rules;
};
[[nodiscard]] Result<TokenGate> read_token_gate(const Options& options);

class Clients {
 public:
  /// Null if the options ask for no token.
  [[nodiscard]] Result<std::shared_ptr<oauth::TokenKeeper>> keeper_for(const Options& options);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<oauth::TokenKeeper>> keepers_;  // by a digest of all that makes them
};

}  // namespace smarthl7::transport::https

// SPDX-License-Identifier: Apache-2.0
// Tokens that were found good, so that a sender's signature is not checked again with each of its messages: known by digest,
// for as long as they are good and the keys are the ones they were checked with. Ownership: one per executor. One thread.
#pragma once

#include <map>
#include <memory>
#include <string_view>

#include "runtime/transport/oauth/token.h"
#include "stdlib/base/digest.h"

namespace smarthl7::transport::https {

class TokenCache {
 public:
  [[nodiscard]] bool knows(std::string_view token, const std::shared_ptr<const oauth::KeySet>& keys, WallTime now) {
    if (keys != keys_) return false;
    const auto found = good_.find(sha256(token));
    return found != good_.end() && now >= found->second.from && now < found->second.until;
  }
  void keep(std::string_view token, const std::shared_ptr<const oauth::KeySet>& keys, const oauth::TokenVerdict& verdict) {
    if (keys != keys_ || good_.size() >= kMost) good_.clear();
    keys_ = keys;
    good_[sha256(token)] = {verdict.from, verdict.until};
  }

 private:
  struct Span {
    WallTime from, until;
  };
  static constexpr std::size_t kMost = 1024;
  std::shared_ptr<const oauth::KeySet> keys_;
  std::map<Sha256, Span> good_;
};

}  // namespace smarthl7::transport::https

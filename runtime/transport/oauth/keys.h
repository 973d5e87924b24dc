// SPDX-License-Identifier: Apache-2.0
// The public keys of an issuer of tokens: a JSON Web Key Set (RFC 7517). Taken are RSA keys of 2048 bits and more and P-256
// keys that may sign; symmetric ones never, so that nobody signs with what is public. Immutable; any thread. Failure:
// ErrorCode::corrupt, which names no key.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::transport::oauth {

enum class KeyKind : std::uint8_t { rsa, p256 };

class KeySet {
 public:
  [[nodiscard]] static Result<std::shared_ptr<const KeySet>> read(std::string_view json);
  KeySet();
  ~KeySet();
  KeySet(const KeySet&) = delete;
  KeySet& operator=(const KeySet&) = delete;

  enum class Verdict : std::uint8_t { good, bad, unknown_key };
  /// Whether one of the keys made the signature of this token, whose header says `algorithm` and `key_id` (empty: it names
  /// none).
  [[nodiscard]] Verdict verify(std::string_view token, std::string_view algorithm, std::string_view key_id) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Key;
  std::vector<std::unique_ptr<Key>> keys_;
};

}  // namespace smarthl7::transport::oauth

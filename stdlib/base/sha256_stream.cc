// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/sha256_stream.h"

#include <openssl/evp.h>

#include "stdlib/base/assert.h"

namespace smarthl7 {

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  SMARTHL7_ASSERT(state_->context != nullptr && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1,
                  "SHA-256 is always there");
}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(std::string_view bytes) {
  SMARTHL7_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "SHA-256 takes any bytes");
}

Sha256 Sha256Stream::finish() {
  Sha256 out{};
  unsigned int size = 0;
  SMARTHL7_ASSERT(EVP_DigestFinal_ex(state_->context, out.data(), &size) == 1 && size == out.size(), "SHA-256 ends");
  return out;
}

}  // namespace smarthl7

// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) of bytes that come piece by piece. Owned by one caller; one thread; no failure.
#pragma once

#include <memory>
#include <string_view>

#include "stdlib/base/digest.h"

namespace smarthl7 {

class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void add(std::string_view bytes);
  /// Once; nothing can be added after it.
  [[nodiscard]] Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace smarthl7

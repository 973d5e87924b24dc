// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/protect.h"

namespace smarthl7 {

void Secret::wipe() {
  volatile char* at = value_.data();
  for (std::size_t i = 0; i < value_.size(); ++i) at[i] = 0;
}

}  // namespace smarthl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace smarthl7 {

void assertion_failed(const char* condition, const char* file, int line, const char* why) {
  std::fprintf(stderr, "smarthl7: internal error at %s:%d: %s (%s)\n", file, line, why, condition);
  std::abort();
}

}  // namespace smarthl7

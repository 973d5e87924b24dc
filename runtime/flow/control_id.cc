// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/control_id.h"

namespace smarthl7::flow {

std::string new_control_id(env::Random& random) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id(20, '0');
  std::uint64_t bits = random.next();
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 10) bits = random.next();
    id[i] = kDigits[bits & 31U];
    bits >>= 5U;
  }
  return id;
}

}  // namespace smarthl7::flow

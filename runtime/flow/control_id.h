// SPDX-License-Identifier: Apache-2.0
// Control ids (MSH-10) for messages that the hub makes itself: acknowledgements. One thread per Random; no failure.
#pragma once

#include <string>

#include "runtime/env/env.h"

namespace smarthl7::flow {

/// One that no other acknowledgement carries: 20 characters, the most that versions before 2.7 allow.
[[nodiscard]] std::string new_control_id(env::Random& random);

}  // namespace smarthl7::flow

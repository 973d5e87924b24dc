// SPDX-License-Identifier: Apache-2.0
// Control ids (MSH-10) for messages that the hub makes itself: acknowledgements. One thread per Random; no failure.
#pragma once

#include <string>
#include <string_view>

#include "runtime/env/env.h"

namespace smarthl7::flow {

/// One that no other acknowledgement carries: 20 characters, the most that versions before 2.7 allow.
[[nodiscard]] std::string new_control_id(env::Random& random);

/// One that depends on the bytes alone: the same message gets the same one however often it comes.
[[nodiscard]] std::string derived_control_id(std::string_view bytes, std::string_view purpose);

}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
// The key of a data folder under which dedup and ordering keys are hashed: 16 random bytes, made at first start and then kept,
// since keys that were stored must compare with those of the next run. Blocking; main thread, with the folder's lock held.
#pragma once

#include <string>

#include "runtime/env/env.h"
#include "stdlib/base/digest.h"
#include "stdlib/base/result.h"

namespace smarthl7::app {

[[nodiscard]] Result<HashKey> load_or_make_hash_key(env::Disk& disk, env::Random& random, const std::string& folder);

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// The data folder's own facts, written once when it is made: format version and the key of its keyed hashes.
// Failure: version if a newer program made the folder; corrupt if the file is damaged, or missing where a journal exists.
#pragma once

#include <string>

#include "runtime/env/env.h"
#include "stdlib/base/digest.h"

namespace smarthl7::store {

struct Manifest {
  HashKey hash_key{};
};

Result<Manifest> read_or_make_manifest(env::Env& environment, const std::string& folder);

}  // namespace smarthl7::store

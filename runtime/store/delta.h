// SPDX-License-Identifier: Apache-2.0
// What turns one run of bytes into another, for bodies that differ from the received one in a few places: the journal keeps
// the difference instead of a second body. Knows nothing of what the bytes mean. Pure functions; any thread. Reading trusts
// nothing: a delta that does not fit its base is ErrorCode::corrupt.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "stdlib/base/result.h"

namespace smarthl7::store {

/// Appends the delta to `out`. False, with `out` as it was, if it would not be shorter than half of `edited`. Linear: one pass
/// over each of the two, with a table of at most 2,048 places of the base.
[[nodiscard]] bool make_delta(std::string_view base, std::string_view edited, std::string& out);

/// What `delta` makes of `base`; it must have `size` bytes.
[[nodiscard]] Result<std::string> apply_delta(std::string_view base, std::string_view delta, std::size_t size);

}  // namespace smarthl7::store

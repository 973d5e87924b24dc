// SPDX-License-Identifier: Apache-2.0
// An act of a person in words, for the audit and for traces. The reason is as the person gave it; nothing else in it comes from
// a message. Pure functions; any thread; no failure.
#pragma once

#include <string>
#include <string_view>

#include "runtime/store/format.h"

namespace smarthl7::store {

/// "replayed", "edited" ...
[[nodiscard]] std::string_view name_of(ActKind kind);
/// "dead letter 5 delivery 0 of mercy, as message 20, despite 3 later messages: REASON"
[[nodiscard]] std::string describe(const ActEntry& act);
/// "delivery 0", or "the letter" of what a flow ended.
[[nodiscard]] std::string delivery_text(std::uint32_t number);

}  // namespace smarthl7::store

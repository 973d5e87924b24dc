// SPDX-License-Identifier: Apache-2.0
// What became of a message, segment by segment: lines for people, with marks under the fields that differ. Pure; any thread.
// Texts hold values, so this is for the messages of tests only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::trial {

/// Printable UTF-8: bytes that are no UTF-8 and control characters become `?`.
[[nodiscard]] std::string printable(std::string_view bytes);

/// Segments that differ, or, with `only`, those of that name whether they differ or not. An empty `sent`: there is nothing to
/// compare with.
[[nodiscard]] std::vector<std::string> segment_diff(std::string_view sent, std::string_view delivered,
                                                    std::string_view only = {});

}  // namespace smarthl7::trial

// SPDX-License-Identifier: Apache-2.0
// The text of one element of an XML document, for envelopes: no document type, no entities, no network. Internal to this
// folder. Pure functions; any thread. Errors name line and column and hold no values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::hl7 {

/// A name without a prefix, of ASCII letters, digits, `_`, `-` and `.`.
[[nodiscard]] bool is_xml_name(std::string_view name);

/// The text of the element at the path of local names (a single name: anywhere), which must stand there once. `place` is where
/// it begins: "line 3, column 8: ".
[[nodiscard]] Result<void> find_in_xml(std::string_view document, const std::vector<std::string>& path, std::string& text,
                                       std::string& place);

}  // namespace smarthl7::hl7

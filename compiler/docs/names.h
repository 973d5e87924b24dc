// SPDX-License-Identifier: Apache-2.0
// What the standard calls the place of a path: "PID-5[1].1.1" of 2.5.1 is "Patient Name, Family Name, Surname".
// Pure function; any thread; empty for what the standard does not have.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::docs {

/// `path` with its segment, indices in brackets allowed; a segment alone gives its title.
[[nodiscard]] std::string names_of(hl7::Version version, std::string_view path);

}  // namespace smarthl7::docs

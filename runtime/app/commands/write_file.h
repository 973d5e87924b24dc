// SPDX-License-Identifier: Apache-2.0
// Writes a whole file under a temporary name and renames it, so that a reader sees the old or the new one. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/base/result.h"

namespace smarthl7::app {

[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view bytes);

}  // namespace smarthl7::app

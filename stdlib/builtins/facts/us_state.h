// SPDX-License-Identifier: Apache-2.0
// The states and territories of the United States and the armed forces' regions, as the Postal Service codes them
// (Publication 28, appendix B). Constants; any thread; what is not known is null.
#pragma once

#include <string_view>

namespace smarthl7::builtins {

struct UsState {
  std::string_view code;  // "NY"
  std::string_view name;  // "New York"
};

/// By code or name, in any case.
[[nodiscard]] const UsState* find_us_state(std::string_view code_or_name);

}  // namespace smarthl7::builtins

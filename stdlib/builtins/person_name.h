// SPDX-License-Identifier: Apache-2.0
// A person's name that stands in one text, taken apart: "Last, First Middle" with a comma, "First Middle Last" without. Names
// are guesses outside of what senders agree on; this one is simple and always the same. Views into the text; any thread; no
// failure: what is not there is empty.
#pragma once

#include <string_view>

namespace smarthl7::builtins {

struct PersonName {
  std::string_view family, given, middle, suffix;
};

[[nodiscard]] PersonName split_name(std::string_view text);

}  // namespace smarthl7::builtins

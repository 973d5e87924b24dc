// SPDX-License-Identifier: Apache-2.0
// What is said of bytes in which no MSH was found. Those in UTF-16 or UTF-32 get a text of their own, since their sender has to
// change something else: HL7 knows these forms (table 0211), but neither MLLP nor the search for MSH can carry them. Pure; any
// thread; never holds a byte of what was sent.
#pragma once

#include <string_view>

namespace smarthl7::hl7 {

[[nodiscard]] std::string_view missing_header_text(std::string_view bytes);

}  // namespace smarthl7::hl7

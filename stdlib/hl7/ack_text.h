// SPDX-License-Identifier: Apache-2.0
// Texts of ours in an answer (MSA-3, ERR-8), in the character set that the answer's MSH-18 names, which is the sender's. Most
// are ASCII and cost nothing; reasons that a route states, and names, can hold any character. A text that the set does not have
// is replaced as a whole: a wrong character would be read as a right one. Pure functions; any thread; no failure.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/hl7/charset.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

/// `escaped` is UTF-8 with the delimiters of `asked` escaped already: bytes of some sets would look like delimiters. `instead`
/// (ASCII, may be empty) stands for what cannot be held; all but ASCII is that where MSH-18 names what is no set.
[[nodiscard]] std::string in_set_of(const Message& asked, std::string escaped, std::string_view instead,
                                    Charset configured = Charset::utf8);

}  // namespace smarthl7::hl7

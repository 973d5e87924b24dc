// SPDX-License-Identifier: Apache-2.0
// Latin letters without their marks, in two ways: as ASCII spells them in documents (ICAO Doc 9303 part 3, section 6 table A:
// Ä is AE, ß is SS, Ø is OE, Þ is TH; all others lose their mark), and with the mark only taken off (Ä is A). Covers Latin-1,
// Latin Extended-A and -B, Latin Extended Additional (U+1E00 to U+1EFF) and the punctuation of word processors.
// Constants; any thread; no failure.
#pragma once

#include <optional>
#include <string_view>

namespace smarthl7::builtins {

/// The ASCII that stands for a character above U+007F, at most five characters; nullopt: there is none.
[[nodiscard]] std::optional<std::string_view> ascii_for(char32_t code);
/// The letter that is left without its mark; empty: it has none.
[[nodiscard]] std::string_view without_mark(char32_t code);
/// A combining mark, U+0300 to U+036F.
[[nodiscard]] bool is_mark(char32_t code);

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
// Check digits of identifiers by the schemes of HL7 table 0061 (2.5.1 chapter 2, 2.A.14): Mod 10, Mod 11, the systems of
// ISO 7064, the US National Provider Identifier and bank cards. Where the scheme cannot speak of an identifier (letters
// with Mod 10, an unknown scheme) there is no verdict. Pure functions; any thread; no failure.
#pragma once

#include <optional>
#include <string_view>

namespace smarthl7::hl7 {

/// Mod 10 as chapter 2 describes it (every second digit from the right doubled); nullopt if `digits` is empty or no number.
[[nodiscard]] std::optional<char> mod10_digit(std::string_view digits);
/// Mod 11 as chapter 2 describes it (weights 2 to 7 from the right, again and again).
[[nodiscard]] std::optional<char> mod11_digit(std::string_view digits);
/// ISO 7064 MOD 11-2 ('X' stands for 10) and MOD 37-2 ('*' for 36) and MOD 97-10 (two digits).
[[nodiscard]] bool is_iso7064(std::string_view text_with_check);

/// Does `check` fit `identifier` by `scheme` (M10, M11, ISO, NPI, BCV)? An identifier that ends in its check digit fits too,
/// since senders disagree about whether CX.1 holds it. nullopt: the scheme has nothing to say.
[[nodiscard]] std::optional<bool> check_digit_fits(std::string_view scheme, std::string_view identifier,
                                                   std::string_view check);

}  // namespace smarthl7::hl7

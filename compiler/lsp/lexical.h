// SPDX-License-Identifier: Apache-2.0
// Where a cursor stands in a text that may be broken just there: the blocks around it, the item it is in, whether it is in a
// string or a comment. Looks at braces, quotes and indentation only; what things mean comes from the check.
// Views into the text. Pure; any thread; nothing fails.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace smarthl7::lsp {

struct Block {
  std::string_view head;  // what stands before `{`: "destination mercy = mllp", "each PID-3 where .5 == \"MR\""
  std::uint32_t open = 0;

  /// The first word of the head, and the last.
  [[nodiscard]] std::string_view first_word() const;
  [[nodiscard]] std::string_view last_word() const;
};

struct Spot {
  std::vector<Block> blocks;  // the innermost last
  std::uint32_t item = 0;     // where the item begins that the cursor is in
  std::string_view before;    // from there to the cursor
  bool comment = false;
  bool string = false;             // in its text, not in an interpolation
  std::uint32_t string_begin = 0;  // the quote
};
[[nodiscard]] Spot spot_at(std::string_view text, std::uint32_t offset);

/// Where the path or name begins that ends at the offset: `PID-3[.5 == "MR"].1`, `lab_res`, `-5`, `.4.`.
[[nodiscard]] std::uint32_t word_begin(std::string_view text, std::uint32_t offset, std::uint32_t floor);

/// The call whose arguments hold the offset: its name, and how many commas stand before.
struct OpenCall {
  std::string_view name;
  std::uint32_t argument = 0;
};
/// An empty name: none.
[[nodiscard]] OpenCall open_call(std::string_view text, std::uint32_t item, std::uint32_t offset);

[[nodiscard]] std::string_view trimmed(std::string_view text);
/// The words and signs of an item, strings as one, without comments.
[[nodiscard]] std::vector<std::string_view> tokens(std::string_view text);

}  // namespace smarthl7::lsp

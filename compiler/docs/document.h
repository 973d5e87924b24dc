// SPDX-License-Identifier: Apache-2.0
// A document as a list of blocks, and the two ways to write it: one HTML file that refers to no other, and Markdown.
// In texts, words between backquotes are code. Value types; pure functions; any thread; no failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::docs {

enum class BlockKind : std::uint8_t { heading, paragraph, list, table, picture };

struct Block {
  BlockKind kind = BlockKind::paragraph;
  int level = 1;                               // of a heading: 1 to 4
  std::string text;                            // heading, paragraph; picture: the SVG
  std::vector<std::string> head;               // table
  std::vector<std::vector<std::string>> rows;  // table; list: one cell each
  std::string anchor;                          // of a heading, "flow-lab_results"; picture: its name, "lab_results"
};

struct Document {
  std::string title;
  std::vector<Block> blocks;

  void heading(int level, std::string text, std::string anchor = {});
  void paragraph(std::string text);
  void list(const std::vector<std::string>& items);
  void table(std::vector<std::string> head, std::vector<std::vector<std::string>> rows);
  void picture(std::string svg, std::string name);
};

/// With a table of contents, for screen and paper.
[[nodiscard]] std::string html(const Document& document);
/// Pictures are links to NAME.svg beside it.
[[nodiscard]] std::string markdown(const Document& document);

}  // namespace smarthl7::docs

// SPDX-License-Identifier: Apache-2.0
// The examples of docs/hl7: every ```hl7 block becomes the ```json or ```xml block after it, and that becomes the message
// again.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "stdlib/hl7/encoding.h"

namespace smarthl7::hl7 {
namespace {

struct Block {
  std::string language, text;
};

std::vector<Block> blocks(const std::string& page) {
  std::ifstream in(std::string(SMARTHL7_SOURCE_DIR) + "/docs/hl7/" + page);
  EXPECT_TRUE(in) << page;
  std::vector<Block> found;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) found.push_back({line.substr(3), {}});
    } else if (inside) {
      found.back().text += line + "\n";
    }
  }
  return found;
}

std::size_t check_page(const std::string& page) {
  std::string message;
  std::size_t checked = 0;
  Encoder encoder;
  for (const Block& block : blocks(page)) {
    if (block.language == "hl7") {
      message = block.text;
      std::replace(message.begin(), message.end(), '\n', '\r');
    }
    const auto encoding = find_encoding(block.language);
    if (!encoding) continue;
    std::string out;
    EXPECT_TRUE(encoder.convert(message, Encoding::pipes, *encoding, out));
    if (!out.ends_with('\n')) out += '\n';
    EXPECT_EQ(out, block.text) << page;
    EXPECT_TRUE(encoder.convert(block.text, *encoding, Encoding::pipes, out));
    EXPECT_EQ(out, message) << page;
    ++checked;
  }
  return checked;
}

TEST(EncodingDocs, ExamplesAreWhatTheProgramWrites) {
  EXPECT_EQ(check_page("json.md"), 2U);
  EXPECT_EQ(check_page("encodings.md"), 2U);
}

}  // namespace
}  // namespace smarthl7::hl7

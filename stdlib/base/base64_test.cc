// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/base64.h"

#include <gtest/gtest.h>

namespace smarthl7 {
namespace {

TEST(Base64, TheVectorsOfTheRfc) {  // RFC 4648 section 10
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    std::string out = ">";
    append_base64(bytes, out);
    EXPECT_EQ(out, ">" + text);
    out = ">";
    EXPECT_EQ(read_base64(text, out), std::string_view::npos);
    EXPECT_EQ(out, ">" + bytes);
  }
}

TEST(Base64, AllBytesComeBack) {
  std::string bytes;
  for (int n = 0; n < 256; ++n) {
    bytes.push_back(static_cast<char>(n * 7));
    std::string text;
    std::string back;
    append_base64(bytes, text);
    ASSERT_EQ(read_base64(text, back), std::string_view::npos);
    ASSERT_EQ(back, bytes);
  }
}

TEST(Base64, TakesBlanksAndMissingPaddingAndRefusesTheRestWithItsPlace) {
  std::string out;
  EXPECT_EQ(read_base64(" Zm\r\n9v\tYg\n", out), std::string_view::npos);
  EXPECT_EQ(out, "foob");
  const std::pair<std::string, std::size_t> wrong[] = {{"Zm9v*", 4}, {"Z", 1},     {"Zg=", 3},  {"Zg==Zg", 4}, {"=", 0},
                                                       {"Zh==", 4},  {"Zg===", 4}, {"Zm9=", 4}, {"Zm9v=", 4}};
  for (const auto& [text, place] : wrong) {
    out = "x";
    EXPECT_EQ(read_base64(text, out), place) << text;
    EXPECT_EQ(out, "x");
  }
}

}  // namespace
}  // namespace smarthl7

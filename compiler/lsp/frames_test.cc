// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/frames.h"

#include <gtest/gtest.h>

namespace smarthl7::lsp {
namespace {

TEST(Frames, AreReadInWhateverPiecesTheyCome) {
  const std::string stream = framed(R"({"a":1})") +
                             "content-length:2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}" +
                             framed("");
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    FrameReader reader;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(std::string_view(stream).substr(at, piece));
      while (auto message = reader.next()) got.push_back(*message);
    }
    EXPECT_EQ(got, (std::vector<std::string>{R"({"a":1})", "{}", ""})) << piece;
    EXPECT_EQ(reader.skipped(), 0U);
  }
}

TEST(Frames, WithoutLengthAreSkipped) {
  FrameReader reader;
  reader.feed("nonsense\r\n\r\nContent-Length: x\r\n\r\nContent-Length: -1\r\n\r\n" + framed("[1]"));
  EXPECT_EQ(reader.next(), "[1]");
  EXPECT_EQ(reader.skipped(), 3U);
}

TEST(Frames, ThatAreTooLongAreReadOver) {
  FrameReader reader;
  const std::size_t length = kMaxMessageBytes + 5;
  reader.feed("Content-Length: " + std::to_string(length) + "\r\n\r\n");
  std::size_t left = length;
  while (left > 0) {
    const std::size_t now = std::min<std::size_t>(left, std::size_t{1} << 20);
    reader.feed(std::string(now, 'x'));
    EXPECT_EQ(reader.next(), std::nullopt);
    left -= now;
  }
  reader.feed(framed("{}"));
  EXPECT_EQ(reader.next(), "{}");
  EXPECT_EQ(reader.skipped(), 1U);
}

TEST(Frames, AHeaderWithoutEndIsGivenUp) {
  FrameReader reader;
  reader.feed(std::string(20000, 'x'));
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_EQ(reader.skipped(), 1U);
  reader.feed("\r\n\r\n" + framed("{}"));
  EXPECT_EQ(reader.next(), "{}");
}

}  // namespace
}  // namespace smarthl7::lsp

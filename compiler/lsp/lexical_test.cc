// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/lexical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace smarthl7::lsp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The place of `|`.
Spot at(const std::string& marked, std::string& text) {
  const std::size_t place = marked.find('|');
  text = marked.substr(0, place) + marked.substr(place + 1);
  return spot_at(text, static_cast<std::uint32_t>(place));
}

std::vector<std::string> heads(const std::string& marked) {
  std::string text;
  std::vector<std::string> all;
  for (const Block& block : at(marked, text).blocks) all.emplace_back(block.head);
  return all;
}

TEST(Spot, KnowsTheBlocksAround) {
  EXPECT_THAT(heads("flow a {\n  from b\n  route PV1-3.4 {\n    \"X\" -> |\n"), ElementsAre("flow a", "route PV1-3.4"));
  EXPECT_THAT(heads("flow a {\n  from b\n}\n\n|"), IsEmpty());
  EXPECT_THAT(heads("mapping m : a {\n  each PID-3\n      where .5 == \"\\{\" {\n    .|\n"),
              ElementsAre("mapping m : a", "each PID-3\n      where .5 == \"\\{\""));
  EXPECT_THAT(heads("destination d = mllp {\n  connect \"{host}:1\"  tls { ca file \"x\"  |"),
              ElementsAre("destination d = mllp", "connect \"{host}:1\"  tls"));
  EXPECT_THAT(heads("// flow x {\nsetting a : |"), IsEmpty());
  EXPECT_THAT(heads("flow broken {\n  when A {\nflow next {\n  |"), ElementsAre("flow next"))
      << "a head in column 1 begins anew";
}

TEST(Spot, KnowsStringsInterpolationsAndComments) {
  std::string text;
  EXPECT_TRUE(at("flow a {\n  dead \"why |", text).string);
  EXPECT_FALSE(at("flow a {\n  dead \"why {|", text).string);
  EXPECT_TRUE(at("flow a {\n  dead \"why {PID-8} |", text).string);
  EXPECT_FALSE(at("flow a {\n  dead \"why \\\"\" |", text).string);
  EXPECT_FALSE(at("flow a {\n  dead \"unfinished\n  |", text).string);
  EXPECT_TRUE(at("flow a {\n  // from |", text).comment);
  EXPECT_FALSE(at("flow a {\n  // from\n  |", text).comment);
  EXPECT_TRUE(at("test \"t\" {\n  send \"\"\"\nMSH|", text).string);
  EXPECT_TRUE(at("rule PID-3 matches r\"a{2}|", text).string);
}

TEST(Spot, KnowsTheItem) {
  std::string text;
  EXPECT_EQ(at("flow a {\n  from b\n  validate c   else |", text).before, "validate c   else ");
  EXPECT_EQ(at("flow a {\n  from b\n  validate c\n      else |", text).before, "validate c\n      else ");
  EXPECT_EQ(at("flow a {\n  from b\n  |", text).before, "");
  EXPECT_EQ(at("flow a {\n  from b,\n    c|", text).before, "from b,\n    c");
  EXPECT_EQ(at("retry r { first 1s  most |", text).before, "first 1s  most ");
}

TEST(Words, BeginWhereThePathBegins) {
  const auto word = [](std::string_view text) {
    const auto end = static_cast<std::uint32_t>(text.size());
    return text.substr(word_begin(text, end, 0));
  };
  EXPECT_EQ(word("  PID-3[.5 == \"MR\"].1"), "PID-3[.5 == \"MR\"].1");
  EXPECT_EQ(word("x = PID-"), "PID-");
  EXPECT_EQ(word("x = .4."), ".4.");
  EXPECT_EQ(word("a -> lab_res"), "lab_res");
  EXPECT_EQ(word("upper(ORDER_OBSERVATION.OBX[1]-5"), "ORDER_OBSERVATION.OBX[1]-5");
  EXPECT_EQ(word("use std."), "std.");
  EXPECT_EQ(word("a "), "");
}

TEST(Calls, AreFoundFromTheInside) {
  const auto call = [](std::string_view text) { return open_call(text, 0, static_cast<std::uint32_t>(text.size())); };
  EXPECT_EQ(call("x = replace(PID-3[1], \"a,(\", ").name, "replace");
  EXPECT_EQ(call("x = replace(PID-3[1], \"a,(\", ").argument, 2U);
  EXPECT_EQ(call("x = left(upper(a, b), ").name, "left");
  EXPECT_EQ(call("x = left(upper(a, b), ").argument, 1U);
  EXPECT_EQ(call("x = left(upper(a), 3)").name, "");
  EXPECT_EQ(call("x = (a").name, "");
}

TEST(Tokens, KeepPathsAndStringsWhole) {
  EXPECT_THAT(tokens("each OBX where OBX-3[1].1 == \"a b\" and x->y // z"),
              ElementsAre("each", "OBX", "where", "OBX-3[1].1", "==", "\"a b\"", "and", "x", "->", "y"));
}

}  // namespace
}  // namespace smarthl7::lsp

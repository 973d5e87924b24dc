// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/json.h"
#include "compiler/diag/render.h"
#include "compiler/diag/suggest.h"

namespace smarthl7::diag {
namespace {

Diagnostic sample(Span span) {
  Diagnostic d;
  d.code = Code::E0112;
  d.span = span;
  d.message = "PID-3 may repeat";
  d.label = "is CX, 1..*";
  d.help = "write PID-3[1]";
  return d;
}

TEST(Registry, CodesAreUniqueAndInOrder) {
  std::set<std::string_view> names;
  for (const CodeInfo& entry : all_codes()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(&info(entry.code), &entry);
    EXPECT_EQ(code_named(entry.name), entry.code);
    EXPECT_FALSE(entry.title.empty());
    EXPECT_EQ(entry.name.size(), 5U);
    EXPECT_EQ(entry.severity == Severity::warning, entry.name.starts_with('W')) << entry.name;
  }
  EXPECT_EQ(code_named("E9999"), std::nullopt);
}

TEST(Sink, OneErrorAtOnePlace) {
  Sink sink;
  EXPECT_TRUE(sink.report(Code::E0102, {0, 5, 6}, "first"));
  EXPECT_FALSE(sink.report(Code::E0101, {0, 5, 9}, "second"));
  EXPECT_TRUE(sink.report(Code::E0101, {1, 5, 9}, "another file"));
  EXPECT_TRUE(sink.report(Code::E0101, {0, 2, 3}, "earlier"));
  EXPECT_EQ(sink.errors(), 3U);
  EXPECT_EQ(sink.sorted()[0].message, "earlier");
  EXPECT_EQ(sink.sorted()[2].message, "another file");
}

TEST(Render, TheFormOfTheCommandLine) {
  source::SourceSet sources;
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\n";
  sources.add("lab.route", text + "  PID-3.4.1 = facilities[PID-3[1].4.1]   else reject \"unknown facility\"\n");
  EXPECT_EQ(render_human(sample({0, 42, 51}), sources),
            "error[E0112]: PID-3 may repeat\n"
            "  --> lab.route:41:3\n"
            "   |\n"
            "41 |   PID-3.4.1 = facilities[PID-3[1].4.1]   else reject \"unknown facility\"\n"
            "   |   ^^^^^^^^^ is CX, 1..*\n"
            "   = help: write PID-3[1]\n");
}

TEST(Render, TabsAndWideCharactersKeepTheCaretsUnderTheSpan) {
  source::SourceSet sources;
  sources.add("a", "\t\"\xE7\x97\x85\xE9\x99\xA2\" x e\xCC\x81 y\n");
  Diagnostic d = sample({0, 10, 11});  // x
  d.label.clear();
  d.help.clear();
  EXPECT_NE(render_human(d, sources).find("1 |     \"\xE7\x97\x85\xE9\x99\xA2\" x"), std::string::npos);
  EXPECT_NE(render_human(d, sources).find("\n  |            ^\n"), std::string::npos);
  d.span = {0, 16, 17};  // y, after a letter with a combining accent
  EXPECT_NE(render_human(d, sources).find("\n  |                ^\n"), std::string::npos) << render_human(d, sources);
}

TEST(Render, SpansOfSeveralLinesAndSecondaryLabels) {
  source::SourceSet sources;
  sources.add("a", "one {\ntwo\nthree\nfour }\nfive\nsix\n");
  sources.add("b", "other\n");
  Diagnostic d = sample({0, 4, 22});
  d.secondary = {{{0, 28, 31}, "and here"}, {{1, 0, 5}, "declared here"}};
  d.notes = {"a note\nof two lines"};
  EXPECT_EQ(render_human(d, sources),
            "error[E0112]: PID-3 may repeat\n"
            " --> a:1:5\n"
            "  |\n"
            "1 | one {\n"
            "  |     ^ from here\n"
            "  | ...\n"
            "4 | four }\n"
            "  | ^^^^^^ is CX, 1..*\n"
            "  | ...\n"
            "6 | six\n"
            "  | --- and here\n"
            " ::: b:1:1\n"
            "1 | other\n"
            "  | ----- declared here\n"
            "  = help: write PID-3[1]\n"
            "  = note: a note\n"
            "          of two lines\n");
}

TEST(Render, ColoursOnlyWhenAsked) {
  source::SourceSet sources;
  sources.add("a", "x\n");
  EXPECT_EQ(render_human(sample({0, 0, 1}), sources).find('\x1b'), std::string::npos);
  EXPECT_NE(render_human(sample({0, 0, 1}), sources, Colours::yes).find("\x1b[1;31merror[E0112]\x1b[0m"), std::string::npos);
}

TEST(Render, AnEmptySpanAtTheEndHasOneCaret) {
  source::SourceSet sources;
  sources.add("a", "map");
  Diagnostic d = sample({0, 3, 3});
  EXPECT_NE(render_human(d, sources).find("\n  |    ^ is CX"), std::string::npos);
}

TEST(Render, Json) {
  source::SourceSet sources;
  sources.add("a\"b", "\xC3\xA4 x\n");
  Diagnostic d = sample({0, 3, 4});
  d.fixes.push_back(replace({0, 3, 4}, "y"));
  EXPECT_EQ(
      render_json(d, sources),
      R"({"code":"E0112","severity":"error","message":"PID-3 may repeat","file":"a\"b",)"
      R"("range":{"start":{"line":1,"column":3},"end":{"line":1,"column":4}},"label":"is CX, 1..*","help":"write PID-3[1]",)"
      R"("related":[],"notes":[],"fixes":[{"title":"write y","edits":[{"file":"a\"b",)"
      R"("range":{"start":{"line":1,"column":3},"end":{"line":1,"column":4}},"replacement":"y"}]}]})");
  EXPECT_EQ(render_json(std::span<const Diagnostic>{}, sources), "[]\n");
  EXPECT_EQ(json_quote("a\n\x01\"\\"), R"("a\n\u0001\"\\")");
}

TEST(Fixes, ApplyInOrderAndNeverOverlap) {
  const source::SourceFile file(0, "a", "one two three");
  const std::array<Fix, 4> fixes{replace({0, 8, 13}, "3"), replace({0, 0, 3}, "1"), replace({0, 2, 5}, "overlaps"),
                                 Fix{"insert", {{{0, 13, 13}, "!"}}}};
  EXPECT_EQ(apply_fixes(file, fixes), "1 two 3!");
  const std::array<Fix, 1> elsewhere{replace({1, 0, 3}, "x")};
  EXPECT_EQ(apply_fixes(file, elsewhere), "one two three");
}

TEST(Suggest, WithinTwoEdits) {
  const std::array<std::string_view, 4> words{"validate", "dedup", "map", "redact"};
  EXPECT_EQ(suggest("valdate", words), "validate");
  EXPECT_EQ(suggest("vaildate", words), "validate");
  EXPECT_EQ(suggest("mapp", words), "map");
  EXPECT_EQ(suggest("redcat", words), "redact");
  EXPECT_EQ(suggest("xy", words), std::nullopt);
  EXPECT_EQ(suggest("deliver", words), std::nullopt);
  EXPECT_EQ(edit_distance("abc", "abc", 2), 0U);
  EXPECT_EQ(edit_distance("abc", "xyz", 2), 3U);
}

}  // namespace
}  // namespace smarthl7::diag

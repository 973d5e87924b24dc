// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "compiler/diag/golden.h"
#include "compiler/diag/render.h"
#include "compiler/syntax/dump.h"

namespace smarthl7::syntax {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(SMARTHL7_SOURCE_DIR) / "tests/golden";

struct Parsed {
  source::SourceSet sources;
  diag::Sink sink;
  ParsedFile file;

  explicit Parsed(const std::string& text) { file = parse(sources.add("x.route", text), sink); }
  [[nodiscard]] std::string errors() const {
    std::string out;
    for (const diag::Diagnostic& d : sink.sorted()) out += diag::render_human(d, sources);
    return out;
  }
};

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The condition of a message that holds it alone.
std::string condition(const std::string& text) {
  const Parsed parsed("message m = hl7 {\n" + text + "\n}\n");
  EXPECT_EQ(parsed.errors(), "");
  const auto& message = parsed.file.declarations[0]->as<MessageDecl>();
  EXPECT_EQ(message.items.size(), 1U);
  return dump(*message.items[0]->as<ConditionItem>().condition);
}

TEST(Parser, TheWholeFile) {
  const Parsed parsed(read_text(kGolden / "syntax/whole_file.route"));
  EXPECT_EQ(parsed.errors(), "");
  EXPECT_FALSE(parsed.file.has_errors);
  ASSERT_EQ(parsed.file.declarations.size(), 23U);
  const auto& flow = parsed.file.declarations[20]->as<FlowDecl>();
  EXPECT_EQ(flow.name->text, "lab_results");
  ASSERT_EQ(flow.steps.size(), 7U);
  const auto& route = flow.steps[4]->as<RouteStep>();
  ASSERT_EQ(route.arms.size(), 3U);
  EXPECT_TRUE(route.arms[2]->otherwise);
  EXPECT_EQ(route.arms[0]->steps[0]->as<DeliverStep>().destinations[0]->text, "mercy");
  const auto& source = parsed.file.declarations[11]->as<SourceDecl>();
  ASSERT_EQ(source.docs.size(), 1U);
  EXPECT_EQ(source.docs[0], "The regional lab's analyser feed.");
}

// Each broken file says in its first line where its first error stands. What can be fixed is fixed by its fixes.
TEST(Parser, BrokenFiles) {
  const auto cases = golden::read_all(kGolden / "syntax/broken");
  ASSERT_GE(cases.size(), 35U);
  for (const golden::Case& one : cases) {
    SCOPED_TRACE(one.path.filename().string());
    const Parsed parsed(one.input);
    EXPECT_TRUE(parsed.file.has_errors);
    const auto all = parsed.sink.sorted();
    ASSERT_FALSE(all.empty());
    const auto line = parsed.sources.get(0).position(all[0].span.begin).line;
    EXPECT_EQ(fmt::format("first error: {} {}", line, diag::name_of(all[0].code)), one.title);
    std::string actual = parsed.errors() + "--- tree\n" + dump(parsed.file);
    const auto fixes = diag::first_fixes(all);
    if (!fixes.empty()) {
      const std::string fixed = diag::apply_fixes(parsed.sources.get(0), fixes);
      actual += "--- fixed\n" + fixed;
      const Parsed again(fixed);
      for (const diag::Diagnostic& d : again.sink.diagnostics()) {
        for (const diag::Diagnostic& before : all) {
          if (before.fixes.empty()) continue;
          EXPECT_NE(diag::name_of(d.code), diag::name_of(before.code)) << "the fix does not fix";
        }
      }
    }
    EXPECT_EQ(actual, golden::expectation(one, actual));
  }
}

TEST(Parser, OperatorsBindAsTheLanguageSays) {
  EXPECT_EQ(condition("a or b and c"), "(or (name a) (and (name b) (name c)))");
  EXPECT_EQ(condition("not a == b and c"), "(and (not (== (name a) (name b))) (name c))");
  EXPECT_EQ(condition("a + b * c == d - e - f"), "(== (+ (name a) (* (name b) (name c))) (- (- (name d) (name e)) (name f)))");
  EXPECT_EQ(condition("(a or b) == c"), "(== (or (name a) (name b)) (name c))");
  EXPECT_EQ(
      condition("a present or b in \"x\", \"y\" and c matches r\"z\""),
      "(or (test:0 (name a)) (and (in (name b) - [ (string:0 \"x\") (string:0 \"y\") ]) (matches (name c) (string:2 \"z\"))))");
}

TEST(Parser, Paths) {
  EXPECT_EQ(condition("PID-3[1].4.1 present"), "(test:0 (path:0 PID 3[1] 4 1))");
  EXPECT_EQ(condition("PATIENT_RESULT[1].OBX[2]-5[last] present"), "(test:0 (path:0 PATIENT_RESULT[1] OBX[2] 5[last]))");
  EXPECT_EQ(condition("PID.patient_name[*].family_name present"), "(test:0 (path:0 PID 0patient_name[*] 0family_name))");
  EXPECT_EQ(condition("PID-3[.5 == \"MR\"].1 present"), "(test:0 (path:0 PID 3[ (== (path:2 5) (string:0 \"MR\"))] 1))");
  EXPECT_EQ(condition("-3.1 == .4.1"), "(== (path:1 3 1) (path:2 4 1))");
  EXPECT_EQ(condition("PID-3 - 2 == 1"), "(== (- (path:0 PID 3) 2) 1)");
}

TEST(Parser, BlockStringsLoseTheirIndent) {
  const Parsed parsed("test \"x\" {\n  send \"\"\"\n    MSH|^~\\\\&\n      PID|1\n\n    OBX\n    \"\"\" to s\n}\n");
  EXPECT_EQ(parsed.errors(), "");
  const auto& send = parsed.file.declarations[0]->as<TestDecl>().items[0]->as<SendItem>();
  EXPECT_EQ(send.text->text(), "MSH|^~\\&\n  PID|1\n\nOBX");
}

TEST(Parser, ANameWhoseDeclarationFailedIsKnown) {
  const Parsed parsed("source lab mllp {\n}\nflow f { from lab  -> d }\n");
  ASSERT_EQ(parsed.file.declarations.size(), 2U);
  EXPECT_EQ(parsed.file.declarations[0]->as<ErrorDecl>().intended, DeclKind::source);
  EXPECT_EQ(parsed.file.declarations[0]->name->text, "lab");
  EXPECT_FALSE(parsed.file.declarations[1]->poisoned);
}

TEST(Parser, NodeIdsAreDense) {
  source::SourceSet sources;
  diag::Sink sink;
  const auto& text = sources.add("a", "flow f { from s  when PID-8 == \"F\" { -> a } }\n");
  const ParsedFile one = parse(text, sink);
  const ParsedFile two = parse(text, sink, one.end_id);
  EXPECT_EQ(two.first_id, one.end_id);
  EXPECT_EQ(two.end_id - two.first_id, one.end_id - one.first_id);
  EXPECT_GE(two.declarations[0]->id, two.first_id);
}

TEST(Parser, NestingIsLimited) {
  for (const std::string& text :
       {std::string("mapping m : a {\n PID-8 = ") + std::string(5000, '(') + "1\n}\n",
        std::string("mapping m : a {\n PID-8 = ") + std::string(500, '(') + "1" + std::string(500, ')') + "\n}\nsecret b\n"}) {
    const Parsed parsed(text);
    ASSERT_TRUE(parsed.sink.has_errors());
    EXPECT_EQ(parsed.sink.sorted()[0].code, diag::Code::E0103);
  }
  std::string deep = "flow f {\n";
  for (int i = 0; i < 3000; ++i) deep += "branch {\n";
  EXPECT_TRUE(Parsed(deep).sink.has_errors());
  std::string chain = "message m = hl7 {\n a";
  for (int i = 0; i < 3000; ++i) chain += " or a";
  EXPECT_EQ(Parsed(chain + "\n}\n").sink.diagnostics()[0].code, diag::Code::E0103);
  std::string strings = "flow f {\n dead ";
  for (int i = 0; i < 3000; ++i) strings += "\"{";
  EXPECT_TRUE(Parsed(strings).sink.has_errors());
}

TEST(Parser, BytesThatAreNotUtf8AreReported) {
  const Parsed parsed("secret a\nflow \xff {\n}\n");
  ASSERT_EQ(parsed.sink.errors(), 1U);
  EXPECT_EQ(parsed.sink.diagnostics()[0].code, diag::Code::E0107);
  EXPECT_EQ(parsed.sink.diagnostics()[0].span.begin, 14U);
}

TEST(Parser, EveryPrefixOfAFileIsReadWithoutHarm) {
  const std::string text = read_text(kGolden / "syntax/whole_file.route");
  for (std::size_t length = 0; length < text.size(); ++length) {
    const Parsed parsed(text.substr(0, length));
    EXPECT_LE(parsed.sink.errors(), 6U) << length;
  }
}

TEST(Parser, FourThousandLines) {
  const std::string sample = read_text(kGolden / "syntax/whole_file.route");
  std::string text;
  std::size_t lines = 0;
  while (lines < 4000) {
    text += sample;
    lines += static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\n'));
  }
  source::SourceSet sources;
  const auto& file = sources.add("big.route", text);
  double best_ms = 1e9;
  for (int i = 0; i < 5; ++i) {
    diag::Sink sink;
    const auto begin = std::chrono::steady_clock::now();
    const ParsedFile parsed = parse(file, sink);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best_ms = std::min(best_ms, took.count());
    EXPECT_EQ(sink.errors(), 0U);
  }
  fmt::print("parsed {} lines ({} bytes) in {:.2f} ms\n", lines, text.size(), best_ms);
  EXPECT_LT(best_ms, 2000.0);
}

}  // namespace
}  // namespace smarthl7::syntax

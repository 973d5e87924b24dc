// SPDX-License-Identifier: Apache-2.0
#include "compiler/format/format.h"

#include <gtest/gtest.h>

#include "compiler/diag/golden.h"
#include "compiler/diag/render.h"
#include "compiler/syntax/dump.h"
#include "compiler/syntax/parser.h"

namespace smarthl7::format {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(SMARTHL7_SOURCE_DIR) / "tests/golden";

struct Parsed {
  source::SourceSet sources;
  diag::Sink sink;
  syntax::ParsedFile file;

  explicit Parsed(const std::string& text) { file = syntax::parse(sources.add("x.route", text), sink); }
  [[nodiscard]] std::string errors() const {
    std::string out;
    for (const diag::Diagnostic& d : sink.sorted()) out += diag::render_human(d, sources);
    return out;
  }
};

/// Formats, and checks what holds of every file.
std::string formatted(const std::string& text) {
  const Parsed first(text);
  EXPECT_EQ(first.errors(), "");
  const std::string once = format(first.file);
  const Parsed second(once);
  EXPECT_EQ(second.errors(), "") << once;
  EXPECT_EQ(syntax::dump(second.file), syntax::dump(first.file)) << "the meaning changed";
  EXPECT_EQ(second.file.comments.size(), first.file.comments.size()) << "a comment was lost or doubled";
  EXPECT_EQ(format(second.file), once) << "formatting twice differs from once";
  return once;
}

TEST(Format, GoldenFiles) {
  const auto cases = golden::read_all(kGolden / "format");
  ASSERT_GE(cases.size(), 30U);
  for (const golden::Case& one : cases) {
    SCOPED_TRACE(one.path.filename().string());
    const std::string actual = formatted(one.input);
    EXPECT_EQ(actual, golden::expectation(one, actual));
  }
}

TEST(Format, TheWholeFile) {
  std::ifstream in(kGolden / "syntax/whole_file.route");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_NE(formatted(text.str()).find("  accept ORU^R01\n"), std::string::npos);
}

TEST(Format, AFileWithErrorsStaysAsItIs) {
  const std::string text = "flow   f {\n from\n}\n";
  EXPECT_EQ(format(Parsed(text).file), text);
}

TEST(Format, ACommentInsideDoesNotPartADeclarationFromItsDoc) {
  EXPECT_EQ(formatted("/// Where.\nsetting hub_port\n// a note\n : port = 2575\n"),
            "// a note\n/// Where.\nsetting hub_port : port = 2575\n");
}

TEST(Format, AnEmptyFileStaysEmpty) {
  EXPECT_EQ(formatted(""), "");
  EXPECT_EQ(formatted("\n\n  \n"), "");
  EXPECT_EQ(formatted("\n\n// alone\n\n"), "// alone\n");
}

}  // namespace
}  // namespace smarthl7::format

// SPDX-License-Identifier: Apache-2.0
// SARIF and GitHub annotations of one small file; tests/sarif holds the log against the official schema.
#include <gtest/gtest.h>

#include "compiler/diag/github.h"
#include "compiler/diag/sarif.h"

namespace smarthl7::diag {
namespace {

class Formats : public testing::Test {
 protected:
  Formats() : file(sources.add("./lab routes/a,b.route", "flow x {\n  fröm \"y\"\n}\n")) {}

  [[nodiscard]] Diagnostic finding() const {
    Diagnostic one;
    one.code = Code::E0102;
    one.span = {file.id(), 11, 16};
    one.message = "100 % wrong: `fröm`";
    one.label = "here";
    one.help = "write `from`\nas it is";
    one.secondary = {{{file.id(), 0, 4}, "this flow"}};
    one.fixes = {replace({file.id(), 11, 16}, "from")};
    return one;
  }

  source::SourceSet sources;
  const source::SourceFile& file;
};

TEST_F(Formats, github_escapes_what_separates) {
  const std::vector<Diagnostic> all{finding()};
  EXPECT_EQ(render_github(all, sources),
            "::error file=./lab routes/a%2Cb.route,line=2,endLine=2,col=3,endColumn=7,title=E0102::100 %25 wrong: `fröm` "
            "(here)%0Ahelp: write `from`%0Aas it is\n");
}

TEST_F(Formats, github_gives_no_columns_over_several_lines) {
  Diagnostic one = finding();
  one.span = {file.id(), 0, 20};
  const std::vector<Diagnostic> all{one};
  EXPECT_TRUE(render_github(all, sources).starts_with("::error file=./lab routes/a%2Cb.route,line=1,endLine=2,title=E0102::"));
}

TEST_F(Formats, sarif_names_places_in_code_points_and_paths_as_uris) {
  const std::vector<Diagnostic> all{finding()};
  const std::string log = render_sarif(all, {}, sources, "1.2.3", [](std::string_view) { return "# page"; });
  EXPECT_NE(log.find(R"("uri":"lab%20routes/a%2Cb.route")"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("region":{"startLine":2,"startColumn":3,"endLine":2,"endColumn":7})"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("insertedContent":{"text":"from"})"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("markdown":"# page")"), std::string::npos) << log;
  EXPECT_EQ(log.find("suppressions"), std::string::npos);
}

TEST_F(Formats, sarif_keeps_what_is_silenced_with_its_reason) {
  const std::vector<Silenced> silenced{{finding(), "it is \"known\""}};
  const std::string log = render_sarif({}, silenced, sources, "1.2.3", {});
  EXPECT_NE(log.find(R"("suppressions":[{"kind":"inSource","justification":"it is \"known\""}])"), std::string::npos) << log;
}

TEST_F(Formats, a_fingerprint_survives_lines_above) {
  const auto fingerprint = [](const std::string& log) { return log.substr(log.find("line/v1"), 44); };
  source::SourceSet moved;
  const auto& other = moved.add("./lab routes/a,b.route", "\n\nflow x {\n    fröm \"y\"\n}\n");
  Diagnostic one = finding();
  one.span = {other.id(), 15, 20};
  one.secondary.clear();
  one.fixes.clear();
  const std::vector<Diagnostic> before{finding()};
  const std::vector<Diagnostic> after{one};
  EXPECT_EQ(fingerprint(render_sarif(before, {}, sources, "", {})), fingerprint(render_sarif(after, {}, moved, "", {})));
}

}  // namespace
}  // namespace smarthl7::diag

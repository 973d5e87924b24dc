// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "compiler/docs/document.h"
#include "compiler/docs/dot.h"
#include "compiler/docs/names.h"
#include "compiler/docs/svg.h"
#include "compiler/driver/driver.h"

namespace smarthl7::docs {
namespace {

constexpr std::string_view kEnds = R"(
source lab   = mllp { listen "127.0.0.1:2575"  accept ORU^R01  insecure because "a test" }
source ward  = mllp { listen "127.0.0.1:2576"  accept ORU^R01  insecure because "a test" }
destination mercy   = mllp { connect "127.0.0.1:3001"  insecure because "a test" }
destination st_john = mllp { connect "127.0.0.1:3002"  insecure because "a test" }
destination archive = mllp { connect "127.0.0.1:3003"  insecure because "a test" }
message result = hl7 2.5.1 ORU_R01 {
  one PATIENT_RESULT
  require PID-8, PV1-3.4.1
}
)";

plan::Plan compiled(std::string_view flow) {
  check::Files files;
  files.read = [](const std::string&) -> Result<std::string> { return fail(ErrorCode::not_found, "there is no such file"); };
  files.exists = [](const std::string&) { return false; };
  driver::Compilation compilation = driver::compile_texts({{"lab.route", std::string(kEnds) + std::string(flow)}}, files);
  for (const diag::Diagnostic& one : compilation.diagnostics) {
    if (one.severity() == diag::Severity::error) ADD_FAILURE() << one.message;
  }
  return compilation.plan.value_or(plan::Plan{});
}

constexpr std::string_view kWhole = R"(
flow results {
  from lab, ward
  validate result   else reject AE
  dedup by MSH-3, MSH-10 within 7d
  branch {
    when PID-8 == "F" { -> archive } otherwise { drop "not asked for" }
  }
  route PV1-3.4.1 {
    "MERCY"  -> mercy
    "STJOHN" -> { when PID-8 == "M" { -> mercy }  -> st_john }
    "TEST"   -> drop "a test ward"
    otherwise -> dead "no hospital for '{PV1-3.4.1}', which is a long reason that does not fit on one line of the picture"
  }
  -> archive
}
)";

TEST(Picture, ShapesNeitherOverlapNorLeaveTheirPanel) {
  const std::vector<Panel> panels = picture(compiled(kWhole));
  ASSERT_EQ(panels.size(), 1U);
  const Panel& panel = panels.front();
  EXPECT_GE(panel.shapes.size(), 14U);
  for (const Shape& one : panel.shapes) {
    EXPECT_GE(one.x, -0.01) << one.title;
    EXPECT_GE(one.y, -0.01) << one.title;
    EXPECT_LE(one.x + one.width, panel.width + 0.01) << one.title;
    EXPECT_LE(one.y + one.height, panel.height + 0.01) << one.title;
    for (const std::string& line : one.lines) EXPECT_LE(text_width(line, 11), one.width) << line;
    for (const Shape& other : panel.shapes) {
      if (&one == &other) continue;
      const bool apart = one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y ||
                         other.y + other.height <= one.y;
      EXPECT_TRUE(apart) << one.title << " and " << other.title;
    }
  }
}

TEST(Picture, LinesEndAtShapesAndNeverCrossOne) {
  const Panel panel = picture(compiled(kWhole)).front();
  EXPECT_GE(panel.lines.size(), panel.shapes.size() - 2);
  for (const Line& line : panel.lines) {
    EXPECT_LE(line.x1, line.x2);
    for (const Shape& shape : panel.shapes) {
      // A level piece strictly inside of a shape would run through it.
      const auto through = [&shape](double from, double to, double y) {
        return y > shape.y + 1 && y < shape.y + shape.height - 1 && from < shape.x + shape.width - 1 && to > shape.x + 1;
      };
      if (shape.kind == ShapeKind::fork) continue;
      EXPECT_FALSE(through(line.bend, line.x2, line.y2)) << shape.title << " is crossed by the way to " << line.label;
      EXPECT_FALSE(through(line.x1, line.bend, line.y1)) << shape.title << " is crossed by the way to " << line.label;
    }
  }
}

TEST(Picture, ShowsEveryArmAndEveryDestination) {
  const std::string drawn = svg(picture(compiled(kWhole)));
  for (const char* what : {"validate", "else reject AE", "&quot;STJOHN&quot;", "otherwise", "mercy", "st_john", "archive",
                           "drop", "dead", "127.0.0.1:3001", "ORU^R01", "copy"}) {
    EXPECT_NE(drawn.find(what), std::string::npos) << what;
  }
  EXPECT_EQ(drawn.find("<script"), std::string::npos);
}

TEST(Picture, OfOneFlow) {
  const plan::Plan plan = compiled("flow a { from lab  -> mercy }\nflow b { from ward  -> st_john }\n");
  EXPECT_EQ(picture(plan).size(), 2U);
  ASSERT_EQ(picture(plan, "b").size(), 1U);
  EXPECT_EQ(picture(plan, "b").front().flow, "b");
  EXPECT_TRUE(picture(plan, "c").empty());
}

TEST(Picture, TextFromRouteFilesIsEscaped) {
  const std::string drawn = svg(picture(compiled("flow a { from lab  drop \"<b>&\" }\n")));
  EXPECT_NE(drawn.find("&lt;b&gt;&amp;"), std::string::npos);
  EXPECT_EQ(drawn.find("<b>"), std::string::npos);
}

TEST(Dot, ConnectsWhatTheFlowConnects) {
  const std::string drawn = dot(compiled(kWhole));
  for (const char* edge : {"\"source lab\" -> \"step ", "-> \"destination archive\"", "label=\"\\\"MERCY\\\"\""})
    EXPECT_NE(drawn.find(edge), std::string::npos) << edge << "\n" << drawn;
}

TEST(Names, OfThePartsOfAPath) {
  const hl7::Version version = hl7::find_version("2.5.1").version;
  EXPECT_EQ(names_of(version, "PID-5[1].1.1"), "Patient Name, Family Name, Surname");
  EXPECT_EQ(names_of(version, "PID-3[.5 == \"MR\"].1"), "Patient Identifier List, ID Number");
  EXPECT_EQ(names_of(version, "OBSERVATION.OBX-11"), "Observation Result Status");
  EXPECT_EQ(names_of(version, "ZLR-1"), "");
  EXPECT_EQ(names_of(version, "PID-999"), "");
}

TEST(DocumentText, HtmlEscapesAndMarkdownKeepsItsTables) {
  Document document;
  document.title = "a < b";
  document.heading(2, "Flow `x`", "flow-x");
  document.table({"what"}, {{"`a | b` & <c>"}});
  const std::string page = html(document);
  EXPECT_NE(page.find("<td><code>a | b</code> &amp; &lt;c&gt;</td>"), std::string::npos) << page;
  EXPECT_NE(page.find("<h2 id=\"flow-x\">Flow <code>x</code></h2>"), std::string::npos);
  EXPECT_NE(markdown(document).find("| `a \\| b` & <c> |"), std::string::npos);
}

}  // namespace
}  // namespace smarthl7::docs

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/check/checked.h"

namespace smarthl7::check {
namespace {

using plan::Pick;
using testing::ElementsAre;
using testing::IsEmpty;

std::string message(std::string_view type, std::string_view items) {
  return fmt::format("message m = hl7 {} {{\n{}\n}}\n", type, items);
}

std::string mapping(std::string_view type, std::string_view items, std::string_view profile = "one PATIENT_RESULT") {
  return fmt::format(
      "{}\ntable facilities from csv \"facilities.csv\" {{ key code  value namespace }}\nmapping n : m {{\n{}\n}}\n",
      message(type, profile), items);
}

std::vector<std::string> findings(std::string text) { return Checked(std::move(text)).findings(); }

std::vector<std::string> required(std::string_view type, std::string_view path) {
  return findings(message(type, fmt::format("require {}", path)));
}

TEST(Paths, fields_and_components_are_those_of_the_version) {
  EXPECT_THAT(required("2.3 ORU_R01", "PID-30"), IsEmpty());
  EXPECT_THAT(required("2.3 ORU_R01", "PID-31"), ElementsAre("E0303 PID-31"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-39"), IsEmpty());
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-40"), ElementsAre("E0303 PID-40"));
  EXPECT_THAT(required("2.8.2 ORU_R01", "PID-40"), IsEmpty());
  EXPECT_THAT(required("2.8.2 ORU_R01", "PID-41"), ElementsAre("E0303 PID-41"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-3.10"), IsEmpty());
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-3.11"), ElementsAre("E0304 PID-3.11"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-3.4.4"), ElementsAre("E0304 PID-3.4.4"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-3.1.2"), ElementsAre("E0305 PID-3.1.2"));
}

TEST(Paths, a_surname_is_a_subcomponent_from_2_3_1_on) {
  EXPECT_THAT(required("2.3 ORU_R01", "PID-5.1"), IsEmpty());
  EXPECT_THAT(required("2.3 ORU_R01", "PID-5.1.1"), ElementsAre("E0305 PID-5.1.1"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-5.1.1"), IsEmpty());
  EXPECT_THAT(required("2.8.2 ORU_R01", "PID-5.1.1"), IsEmpty());
}

TEST(Paths, withdrawn_fields_are_refused) {
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID-2.1"), IsEmpty());
  EXPECT_THAT(required("2.8.2 ORU_R01", "PID-2"), ElementsAre("E0314 PID-2"));
}

TEST(Paths, segments_are_those_of_the_structure) {
  EXPECT_THAT(required("2.5.1 ORU_R01", "SPM-2"), IsEmpty());
  EXPECT_THAT(required("2.3 ORU_R01", "SPM-2"), ElementsAre("E0301 SPM"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "EVN-2"), ElementsAre("E0302 EVN"));
  EXPECT_THAT(required("2.5.1 ADT_A01", "EVN-2"), IsEmpty());
  EXPECT_THAT(required("2.5.1 ORU_R01", "PATIENT.NTE-3"), IsEmpty());
  EXPECT_THAT(required("2.5.1 ORU_R01", "VISIT.NTE-3"), ElementsAre("E0302 VISIT.NTE-3"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "VISIT"), ElementsAre("E0311 VISIT"));
}

TEST(Paths, names_mean_fields_and_components) {
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID.patient_name.family_name"), IsEmpty());
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID.patient_nam"), ElementsAre("E0306 patient_nam"));
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID.patient_name.familly_name"), ElementsAre("E0306 familly_name"));
  EXPECT_THAT(required("2.3 ORU_R01", "PID.sex"), IsEmpty());
  EXPECT_THAT(required("2.5.1 ORU_R01", "PID.sex"), ElementsAre("E0306 sex"));
  const Checked checked(
      mapping("2.5.1 ORU_R01", "PID.patient_name[1].family_name.surname = \"S\"", "one PATIENT_RESULT\nrequire PID-5"));
  ASSERT_THAT(checked.findings(), IsEmpty());
  const ResolvedPath* path = checked.path("PID.patient_name[1].family_name.surname");
  ASSERT_NE(path, nullptr);
  EXPECT_EQ(path->text, "PID-5[1].1.1");
}

TEST(Paths, one_value_needs_an_index_where_there_can_be_several) {
  const std::string profile = "one PATIENT_RESULT\nrequire PID-3, PID-8";
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = PID-3.5", profile)), ElementsAre("E0312 PID-3.5"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = PID-3[1].5", profile)), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = PID-3[last].5", profile)), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = PID-3[*].5", profile)), ElementsAre("E0410 PID-3[*].5"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = PID-3[.1 == \"A\"].5", profile)),
              ElementsAre("E0411 PID-3[.1 == \"A\"].5"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = PID-3[.1 == \"A\"].5 else keep", profile)), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8[2] = \"F\"", profile)), ElementsAre("E0313 [2]"));
}

TEST(Paths, the_profile_says_that_a_group_comes_once) {
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = \"F\" else keep", "require MSH-10")), ElementsAre("E0312 PID-8"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "PID-8 = \"F\" else keep")), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "OBR-25 = \"F\"")), ElementsAre("E0312 OBR-25"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "OBR-25 = \"F\"", "one PATIENT_RESULT\none ORDER_OBSERVATION")), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "OBR[1]-25 = \"F\"")), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "OBR[2]-25 = \"F\"")), ElementsAre("E0411 OBR[2]-25"));
}

TEST(Paths, a_place_must_be_one) {
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "OBX[1]-11 = \"F\" else keep")), ElementsAre("E0307 OBX[1]-11"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "OBSERVATION.OBX[1]-11 = \"F\" else keep")), IsEmpty());
  EXPECT_THAT(findings(mapping("2.3 ORU_R01", "OBX[1]-11 = \"F\" else keep", "require MSH-10")), IsEmpty())
      << "2.3 has one place for it";
}

TEST(Paths, each_sets_the_scope) {
  const Checked checked(mapping("2.5.1 ORU_R01", "each OBX where OBX-2 == \"NM\" {\n OBX-16[1].1 = OBR-16[1].1\n}"));
  ASSERT_THAT(checked.findings(), IsEmpty());
  const ResolvedPath* current = checked.path("OBX-16[1].1");
  ASSERT_NE(current, nullptr);
  EXPECT_EQ(current->path.segment.frame, 1);
  EXPECT_EQ(current->path.segment.pick, Pick::current);
  const ResolvedPath* around = checked.path("OBR-16[1].1");
  ASSERT_NE(around, nullptr);
  EXPECT_EQ(around->path.segment.frame, 1);
  EXPECT_EQ(hl7::find_version("2.5.1").version.structure("ORU_R01").node(around->path.segment.group).name(),
            "ORDER_OBSERVATION");
  EXPECT_EQ(hl7::find_version("2.5.1").version.structure("ORU_R01").node(around->path.segment.node).name(), "OBR");
}

TEST(Paths, repetitions_of_a_field) {
  const Checked checked(mapping("2.5.1 ORU_R01", "each PID-3 where .5 == \"MR\" {\n .4.1 = \"LAB\"\n}"));
  ASSERT_THAT(checked.findings(), IsEmpty());
  const ResolvedPath* part = checked.path(".4.1");
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->text, "PID-3.4.1");
  EXPECT_EQ(part->path.repetition, Pick::current);
  EXPECT_EQ(part->path.field, 3);
  EXPECT_EQ(part->path.component, 4);
  EXPECT_EQ(part->path.subcomponent, 1);
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", ".4.1 = \"LAB\"")), ElementsAre("E0309 .4.1"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each PID-3[1] {\n .4.1 = \"LAB\"\n}")), ElementsAre("E0308 [1]"));
}

TEST(Paths, scopes_lie_inside_each_other) {
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each ORDER_OBSERVATION {\n each OBX {\n OBX-11 = \"F\"\n }\n}")), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each OBX {\n OBX[2]-11 = \"F\"\n}")), ElementsAre("E0308 [2]"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each OBX {\n each NTE {\n NTE-2 = \"L\"\n }\n}")), ElementsAre("E0310 NTE"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each OBX {\n OBX-14 = NTE-2\n}")), ElementsAre("E0307 NTE-2"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each OBSERVATION.OBX {\n NTE[1]-2 = \"L\" else keep\n}")), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each OBX {\n each OBX-5 {\n .1 = \"A\"\n }\n}")), ElementsAre("E0305 .1"))
      << "not narrowed: it is text";
}

TEST(Paths, segments_of_the_site_have_their_fields) {
  const std::string profile =
      "one PATIENT_RESULT\nsegment ZLR optional after OBR {\n 1 instrument : ST(20) required phi none\n 2 codes : CE repeats "
      "phi none\n}";
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each ZLR {\n ZLR-1 = \"A\"\n}", profile)), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each ZLR {\n ZLR-2[1].1 = ZLR.instrument\n}", profile)), IsEmpty());
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each ZLR {\n ZLR-2.1 = \"A\"\n}", profile)), ElementsAre("E0312 ZLR-2.1"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each ZLR {\n ZLR-3 = \"A\"\n}", profile)), ElementsAre("E0303 ZLR-3"));
  EXPECT_THAT(findings(mapping("2.5.1 ORU_R01", "each OBX {\n OBX-16[1].1 = ZLR-1\n}", profile)), IsEmpty())
      << "that observation's order";
}

}  // namespace
}  // namespace smarthl7::check

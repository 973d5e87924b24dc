// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/expressions.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/check/checked.h"
#include "compiler/check/mapping.h"

namespace smarthl7::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> findings(std::string text) { return Checked(std::move(text)).findings(); }

std::string file(std::string_view profile, std::string_view items) {
  return fmt::format(
      "table facilities from csv \"facilities.csv\" {{ key code  value namespace }}\nsetting here : text = \"HUB\"\n"
      "message m = hl7 2.5.1 ORU_R01 {{\none PATIENT_RESULT\n{}\n}}\nmapping n : m {{\n{}\n}}\n",
      profile, items);
}
std::vector<std::string> in_mapping(std::string_view items, std::string_view profile = "require PID-3, PID-5") {
  return findings(file(profile, items));
}
std::vector<std::string> in_message(std::string_view items) { return findings(file(items, "")); }
/// The condition of a `when` in a mapping, after the profile has proven PID-3 and PID-5.
std::vector<std::string> condition(std::string_view text) {
  return in_mapping(fmt::format("when {} {{\n PID-8 = \"F\"\n}}", text));
}

TEST(Expressions, nothing_is_converted_silently) {
  EXPECT_THAT(condition("PID-8 == 1"), ElementsAre("E0401 PID-8 == 1"));
  EXPECT_THAT(condition("length(PID-8) == 1"), IsEmpty());
  EXPECT_THAT(condition("length(PID-8) == \"1\""), ElementsAre("E0401 length(PID-8) == \"1\""));
  EXPECT_THAT(condition("upper(1) == \"1\""), ElementsAre("E0401 1"));
  EXPECT_THAT(condition("PID-8"), ElementsAre("E0417 PID-8"));
  EXPECT_THAT(condition("PID-7.1 < \"2000\""), ElementsAre("E0401 PID-7.1 < \"2000\""));
  EXPECT_THAT(condition("PID-8 == null"), ElementsAre("E0401 PID-8 == null"));
  EXPECT_THAT(condition("PID-8 null or PID-8 absent"), IsEmpty());
  EXPECT_THAT(condition("PID-8 == here"), IsEmpty());
}

TEST(Expressions, codes_of_closed_tables) {
  EXPECT_THAT(in_mapping("each OBX where OBX-2 == \"NN\" {\n OBX-8[1] = \"H\"\n}"), ElementsAre("E0404 \"NN\""));
  EXPECT_THAT(in_mapping("each OBX where OBX-2 in \"NM\", \"QQ\" {\n OBX-8[1] = \"H\"\n}"), ElementsAre("E0404 \"QQ\""));
  EXPECT_THAT(in_message("PID-8 in \"F\", \"M\", \"X\""), ElementsAre("W0401 \"X\""));
  EXPECT_THAT(in_message("table 0001 adds \"X\"\nPID-8 in \"F\", \"M\", \"X\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-24 = \"Q\""), ElementsAre("E0404 \"Q\""));
  EXPECT_THAT(in_mapping("PID-24 = \"Y\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-24 = PID-30"), IsEmpty()) << "of the same table";
  EXPECT_THAT(in_mapping("PID-24 = PID-19"), ElementsAre("E0401 PID-19"));
}

TEST(Expressions, what_cannot_do_without_a_value) {
  EXPECT_THAT(condition("length(PID-19) > 3"), ElementsAre("E0412 PID-19"));
  EXPECT_THAT(condition("PID-19 present and length(PID-19) > 3"), IsEmpty());
  EXPECT_THAT(condition("PID-19 absent or length(PID-19) > 3"), ElementsAre("E0412 PID-19")) << "null is neither";
  EXPECT_THAT(condition("not (PID-19 present) or length(PID-19) > 3"), IsEmpty());
  EXPECT_THAT(condition("length(PID-19 or \"\") > 3"), IsEmpty());
  EXPECT_THAT(condition("PID-18.1 == PID-19"), ElementsAre("E0413 PID-18.1 == PID-19"));
  EXPECT_THAT(condition("PID-19 present and PID-18.1 == PID-19"), IsEmpty());
  EXPECT_THAT(condition("facilities[PID-19] == \"MERCY\""), ElementsAre("E0412 PID-19"));
  EXPECT_THAT(condition("PID-19 present and facilities[PID-19] == \"MERCY\""), ElementsAre("E0411 facilities[PID-19]"));
  EXPECT_THAT(condition("PID-19 in facilities"), IsEmpty());
}

TEST(Expressions, the_profile_proves_presence) {
  EXPECT_THAT(in_mapping("PID-19 = \"{PID-8}\"", "require PID-8"), IsEmpty());
  EXPECT_THAT(condition("(PID-8 or \"U\") == \"F\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-1 = 1 else keep", "require PID-8"), ElementsAre("W0402 else keep"));
  EXPECT_THAT(in_mapping("PID-19 = PID-8 or \"U\"", "require PID-8"), ElementsAre("W0403 \"U\""));
  EXPECT_THAT(in_mapping("PID-19 = PID-8 or \"U\""), IsEmpty());
  EXPECT_THAT(in_mapping("PV1-3.1 = \"W\""), ElementsAre("E0411 PV1-3.1"));
  EXPECT_THAT(in_mapping("PV1-3.1 = \"W\"", "require PV1-2"), IsEmpty());
  EXPECT_THAT(in_mapping("when PV1 present {\n PV1-3.1 = \"W\"\n}"), IsEmpty());
  EXPECT_THAT(in_mapping("each OBX {\n OBX-16[1].1 = OBR-4.1\n}"), IsEmpty());
}

TEST(Expressions, calls_lookups_and_patterns) {
  EXPECT_THAT(in_mapping("PID-19 = uper(PID-8)"), ElementsAre("E0405 uper"));
  EXPECT_THAT(in_mapping("PID-19 = left(PID-8)"), ElementsAre("E0406 left(PID-8)"));
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8].city else keep"), ElementsAre("E0407 city"));
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8].namespace else keep"), IsEmpty());
  EXPECT_THAT(in_mapping("PID-25 = number(PID-19) else keep"), IsEmpty());
  EXPECT_THAT(in_mapping("PID-25 = number(PID-19)"), ElementsAre("E0411 number(PID-19)"));
  EXPECT_THAT(in_mapping("PID-25 = PID-19"), ElementsAre("E0401 PID-19"));
  EXPECT_THAT(in_mapping("PID-19 = 5"), ElementsAre("E0401 5"));
  EXPECT_THAT(condition("PID-19 matches r\"(\""), ElementsAre("E0408 r\"(\""));
  EXPECT_THAT(condition("PID-19 matches r\"[0-9]{3}\""), IsEmpty());
}

TEST(Messages, conditions_speak_of_every_value_of_one_field) {
  EXPECT_THAT(in_message("OBX-11 in \"F\", \"C\""), IsEmpty());
  EXPECT_THAT(in_message("OBX-2 == \"NM\" or OBX-3.1 == \"A\""), ElementsAre("E0419 OBX-2 == \"NM\" or OBX-3.1 == \"A\""));
  EXPECT_THAT(in_message("rule \"r\" : each OBX : OBX-2 == \"NM\" or OBX-3.1 == \"A\""), IsEmpty());
  EXPECT_THAT(in_message("rule \"r\" : each PID-3 where .5 == \"MR\" : .1 matches r\"[0-9]+\""), IsEmpty());
  EXPECT_THAT(in_message("rule \"r\" : PV1 present"), IsEmpty());
}

TEST(Messages, profiles_are_well_formed) {
  EXPECT_THAT(in_message("one PATIENT_RESULT"), ElementsAre("E0317 PATIENT_RESULT"));
  EXPECT_THAT(in_message("one NTE"), ElementsAre("E0307 NTE"));
  EXPECT_THAT(in_message("one PID-3"), ElementsAre("E0311 PID-3"));
  EXPECT_THAT(in_message("segment ALR optional after OBR {\n 1 a : ST phi none\n}"), ElementsAre("E0316 ALR"));
  EXPECT_THAT(in_message("segment ZLR optional after OBX {\n 1 a : ST phi none\n}"), ElementsAre("E0307 OBX"));
  EXPECT_THAT(in_message("segment ZLR optional after OBR {\n 1 a : SX phi none\n}"), ElementsAre("E0316 SX"));
  EXPECT_THAT(in_message("segment ZLR optional after OBR {\n 1 a : ST phi some\n}"), ElementsAre("E0316 some"));
  EXPECT_THAT(in_message("segment ZLR optional after OBR {\n 1 a : ST phi none\n 1 b : ST phi none\n}"),
              ElementsAre("E0317 1 b : ST phi none"));
  EXPECT_THAT(findings("message m = hl7 2.7.1 ORU_R01 {\n}\n"), ElementsAre("E0315 2.7.1"));
  EXPECT_THAT(findings("message m = hl7 2.5.1 ORU_R99 {\n}\n"), ElementsAre("E0315 ORU_R99"));
  const auto own = [](std::string_view items) {
    return findings(fmt::format("message m = hl7 2.5.1 ZRU_Z01 {{\n{}\n}}\n", items));
  };
  EXPECT_THAT(own("structure { MSH PID [ZLR] }\nsegment ZLR { 1 a : ST phi none }"), IsEmpty());
  EXPECT_THAT(own("structure { MSH PID }\nsegment ZLR after PID { 1 a : ST phi none }"), IsEmpty());
  EXPECT_THAT(own("structure { MSH PID }\nsegment ZLR { 1 a : ST phi none }"), ElementsAre(StartsWith("E0316 segment ZLR")));
  EXPECT_THAT(own("structure { MSH PID [ZLR] }\nsegment ZLR after PID { 1 a : ST phi none }"), ElementsAre("E0317 PID"));
  EXPECT_THAT(own("structure { MSH PID }\nstructure { MSH PID }"), ElementsAre("E0317 structure { MSH PID }"));
  EXPECT_THAT(own("structure { MSH PIX }"), ElementsAre("E0318 PIX"));
  EXPECT_THAT(own("structure { MSH <PID> }"), ElementsAre("E0318 <PID>"));
  EXPECT_THAT(own("structure { PID }"), ElementsAre("E0318  PID "));
  EXPECT_THAT(own("structure { MSH {A( OBR [{OBX}] )} }\none A.OBR\nrequire A.OBR-4"), IsEmpty());
  EXPECT_THAT(own("structure { MSH {OBR [{OBX}]} }\nrequire OBR_GROUP.OBR-4"), IsEmpty());
  EXPECT_THAT(findings("message m = hl7 2.5.1 from 2.3 ORU_R01 {\n}\n"), IsEmpty());
  EXPECT_THAT(findings("message m = hl7 2.5.1 from 2.8 ORU_R01 {\n}\n"), ElementsAre("E0315 2.8"));
}

TEST(Mappings, text_goes_into_parts_and_copies_keep_the_type) {
  EXPECT_THAT(in_mapping("PID-5[1] = \"SMITH\""), ElementsAre("E0402 PID-5[1]"));
  EXPECT_THAT(in_mapping("PID-5[1].1 = \"SMITH\""), ElementsAre("E0402 PID-5[1].1"));
  EXPECT_THAT(in_mapping("PID-5[1].1.1 = \"SMITH\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-18 = PID-3[1]"), IsEmpty());
  EXPECT_THAT(in_mapping("PID-18 = PID-5[1]"), ElementsAre("E0403 PID-18"));
  EXPECT_THAT(in_mapping("PID-4[*] = PID-3[*]"), IsEmpty());
  EXPECT_THAT(in_mapping("PID-4[*] = null"), IsEmpty());
  EXPECT_THAT(in_mapping("PID-4 = null"), IsEmpty());
  EXPECT_THAT(in_mapping("PID-19 = PID-3[1]"), IsEmpty()) << "reading a composite means its first part";
  EXPECT_THAT(in_mapping("MSH-1 = \"|\""), ElementsAre("E0420 MSH-1"));
  EXPECT_THAT(in_mapping("delete MSH"), ElementsAre("E0420 MSH"));
}

TEST(Mappings, varies_is_narrowed_by_the_condition) {
  EXPECT_THAT(in_mapping("each OBX where OBX-2 == \"CE\" {\n OBX-5[1] = \"A\"\n}"), ElementsAre("E0402 OBX-5[1]"));
  EXPECT_THAT(in_mapping("each OBX where OBX-2 == \"CE\" {\n OBX-5[1].1 = \"A\"\n}"), IsEmpty());
  EXPECT_THAT(in_mapping("each OBX where OBX-2 == \"CE\" {\n OBX-5[1].7 = \"A\"\n}"), ElementsAre("E0304 OBX-5[1].7"));
  EXPECT_THAT(in_mapping("each OBX where OBX-2 == \"NM\" {\n OBX-5[1] = \"A\"\n}"), ElementsAre("E0401 \"A\""));
  EXPECT_THAT(in_mapping("each OBX {\n OBX-5[1] = \"A\"\n}"), IsEmpty());
}

TEST(Mappings, a_place_is_assigned_once) {
  EXPECT_THAT(in_mapping("PID-8 = \"F\"\nPID-8 = \"M\""), ElementsAre("E0415 PID-8"));
  EXPECT_THAT(in_mapping("PID-18 = PID-3[1]\nPID-18.1 = \"A\""), ElementsAre("E0415 PID-18.1"));
  EXPECT_THAT(in_mapping("PID-5[1].1.1 = \"A\"\nPID-5[2].1.1 = \"B\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-5[1].1.1 = \"A\"\nPID-5[1].2 = \"B\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-5[1].1.1 = \"A\"\neach PID-5 {\n .1.1 = \"B\"\n}"), ElementsAre("E0415 .1.1"));
  EXPECT_THAT(in_mapping("when PID-19 present {\n PID-8 = \"F\"\n} otherwise {\n PID-8 = \"M\"\n}"), IsEmpty());
  EXPECT_THAT(in_mapping("when PID-19 present {\n PID-8 = \"F\"\n}\nPID-8 = \"M\""), ElementsAre("E0415 PID-8"));
  EXPECT_THAT(
      in_mapping(
          "each OBX where OBX-2 == \"NM\" {\n OBX-8[1] = \"H\"\n}\neach OBX where OBX-2 == \"ST\" {\n OBX-8[1] = \"L\"\n}"),
      IsEmpty());
  EXPECT_THAT(
      in_mapping(
          "each OBX where OBX-2 == \"NM\" {\n OBX-8[1] = \"H\"\n}\neach OBX where OBX-11 == \"F\" {\n OBX-8[1] = \"L\"\n}"),
      ElementsAre("E0415 OBX-8[1]"));
  EXPECT_THAT(in_mapping("delete NTE where NTE-2 == \"O\"\neach NTE {\n NTE-2 = \"L\"\n}"), ElementsAre("E0416 NTE-2"));
  EXPECT_THAT(in_mapping("each OBX {\n PID-8 = \"F\"\n}"), ElementsAre("E0415 PID-8"));
  EXPECT_THAT(in_mapping("each OBX {\n OBR-25 = \"F\"\n}"), ElementsAre("E0415 OBR-25"));
  EXPECT_THAT(in_mapping("each PID-3 {\n PID-8 = \"F\"\n}"), ElementsAre("E0415 PID-8"));
  EXPECT_THAT(in_mapping("each ORDER_OBSERVATION {\n OBR-25 = \"F\"\n}"), IsEmpty());
  EXPECT_THAT(in_mapping("each ORDER_OBSERVATION {\n each OBX {\n each OBX-8 {\n OBX-11 = \"F\"\n }\n }\n}"),
              ElementsAre("E0415 OBX-11"));
  EXPECT_THAT(in_mapping("delete PID-3 where .5 == \"SS\"\ndelete PID-19"), IsEmpty());
}

TEST(Mappings, every_else_can_be_reached_and_stand_there) {
  EXPECT_THAT(in_mapping("PID-8 = \"F\" else keep"), ElementsAre("W0402 else keep"));
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8] else continue"), ElementsAre("E0414 else continue"));
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8] else \"none\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8] else 5"), ElementsAre("E0401 5"));
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8] else reject AR \"unknown {PID-8}\""), IsEmpty());
  EXPECT_THAT(in_mapping("PID-19 = facilities[PID-8] else dead \"unknown {facilities[PID-8]}\"").size(), 1U);
}

TEST(Proofs, live_until_the_path_is_assigned) {
  const Checked checked(file("require PID-3, PID-5, PID-8, PV1-3.4.1", "PID-8 = \"F\"\ndelete PV1"));
  ASSERT_THAT(checked.findings(), IsEmpty());
  Context& context = const_cast<Context&>(checked.context);
  const auto* message = context.project.all<syntax::MessageDecl>().front();
  const auto* mapping = context.project.all<syntax::MappingDecl>().front();
  const Proofs before = proofs_of(context, context.message_type(*message));
  EXPECT_TRUE(before.holds("PID|8[1] present"));
  EXPECT_TRUE(before.holds("PV1|3[1].4.1 present"));
  EXPECT_TRUE(before.holds("PID|3[*] present"));
  const Proofs after = proofs_after(context, *mapping, before);
  EXPECT_FALSE(after.holds("PID|8[1] present"));
  EXPECT_FALSE(after.holds("PV1|3[1].4.1 present"));
  EXPECT_TRUE(after.holds("PID|3[*] present"));
  EXPECT_FALSE(after.holds("valid")) << "a segment was deleted";
}

}  // namespace
}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
// What a mapping makes of patient data: where something stronger stands than the standard says, and the way it took.
#include "compiler/check/phi.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/checked.h"

namespace smarthl7::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "PID-15.2 direct: PID-5[1].1.1 -> PID-15.2 in mapping `m`, line 17": of what is delivered, where it has a way.
std::vector<std::string> after(std::string_view lines, std::string_view more = {}) {
  const Checked checked(fmt::format(R"(language 1
source lab = mllp {{ listen "0.0.0.0:2575"  insecure because "same host" }}
destination west = mllp {{ connect "10.0.0.7:2575"  insecure because "same host" }}
table wards from csv "facilities.csv" {{ key code  value namespace }}
table public from csv "facilities.csv" {{ key code  value namespace  phi none }}
message result = hl7 2.5.1 ORU_R01 {{
  one PATIENT_RESULT
  require PID-3, PID-5
  segment ZPI optional after PID {{ 1 a : ST phi none
    2 b : ST phi direct
    3 c : ST phi quasi }}
}}
mapping m : result {{
{}
}}
{}
flow f {{
  from lab
  validate result else reject AE
  map m
  -> west
}}
)",
                                    lines, more));
  EXPECT_THAT(checked.findings(), testing::Each(testing::StartsWith("W"))) << lines;
  const PhiStep* last = nullptr;
  syntax::NodeId highest = 0;
  for (const auto& [id, step] : checked.facts.levels) {
    if (id >= highest) highest = id, last = &step;
  }
  std::vector<std::string> found;
  if (last == nullptr) return found;
  for (const auto& [place, fact] : last->places) {
    std::string way = fact.way;
    if (const auto end = way.find(", line"); end != std::string::npos) way.resize(end);
    found.push_back(fmt::format("{} {}: {}", place, hl7::label_name(fact.mark.label), way));
  }
  return found;
}

constexpr std::string_view kFromName = "PID-15.2 direct: PID-5[1].1.1 -> PID-15.2 in mapping `m`";

TEST(PhiValues, AValueSaysWhatTheStrongestOfItsInputsSays) {
  EXPECT_THAT(after("PID-15.2 = PID-5[1].1.1 else keep"), ElementsAre(kFromName));
  EXPECT_THAT(after("PID-15.2 = raw PID-5[1].1 else keep"),
              ElementsAre("PID-15.2 direct: PID-5[1].1 -> PID-15.2 in mapping `m`"));
  EXPECT_THAT(after("PID-15.2 = upper(PID-5[1].1.1) else keep"), ElementsAre(kFromName));
  EXPECT_THAT(after("PID-15.2 = lower(PID-5[1].1.1) else keep"), ElementsAre(kFromName));
  EXPECT_THAT(after("PID-15.2 = \"{PID-8}/{PID-5[1].1.1}\" else keep"), ElementsAre(kFromName));
  EXPECT_THAT(after("PID-15.2 = (PID-5[1].1.1 or \"-\") else keep"), ElementsAre(kFromName));
  EXPECT_THAT(after("PID-15.2 = (PID-8 or PID-5[1].1.1 or \"-\") else keep"), ElementsAre(kFromName));
  EXPECT_THAT(after("PID-15.2 = PID-8 else keep"), IsEmpty());
  EXPECT_THAT(after("PID-15.2 = \"x\" else keep"), IsEmpty());
  EXPECT_THAT(after("PID-15.2 = PID-7.1 else keep"), ElementsAre("PID-15.2 quasi: PID-7.1 -> PID-15.2 in mapping `m`"));
  EXPECT_THAT(after("PID-15.2 = PV2-12 else keep"), ElementsAre("PID-15.2 free text: PV2-12 -> PID-15.2 in mapping `m`"));
}

TEST(PhiValues, ALookUpSaysWhatItsKeySays) {
  EXPECT_THAT(after("PID-15.2 = wards[PID-3[1].1] else keep"),
              ElementsAre("PID-15.2 direct: PID-3[1].1 -> looked up in `wards` -> PID-15.2 in mapping `m`"));
  EXPECT_THAT(after("PID-15.2 = public[PID-3[1].1] else keep"), IsEmpty());
  EXPECT_THAT(after("PID-15.2 = wards[PID-8] else keep"), IsEmpty());
}

TEST(PhiValues, FieldsOfASiteAreWhatItSays) {
  EXPECT_THAT(after("PID-15.2 = ZPI-1 else keep"), IsEmpty());
  EXPECT_THAT(after("PID-15.2 = ZPI-2 else keep"), ElementsAre("PID-15.2 direct: ZPI-2 -> PID-15.2 in mapping `m`"));
  EXPECT_THAT(after("ZPI-1 = PID-5[1].1.1 else keep"), ElementsAre("ZPI-1 direct: PID-5[1].1.1 -> ZPI-1 in mapping `m`"));
}

TEST(PhiMapping, CopiesGoPartByPart) {
  // A name's kind says nothing, so it does not come along with the name.
  EXPECT_THAT(after("PV1-7[1] = PV1-8[1] else keep"), IsEmpty());
  EXPECT_THAT(after("each PID-3 { .4.2 = .1 else keep }"),
              ElementsAre("PID-3.4.2 direct: PID-3.1 -> PID-3.4.2 in mapping `m`"));
  EXPECT_THAT(after("PID-3[1] = PID-2 else keep"), IsEmpty()) << "a record number where one stands";
}

TEST(PhiMapping, AConditionTaintsNothingButAConstantThatItDecidesOn) {
  constexpr std::string_view kDecided = "PID-15.2 direct: PID-5[1].1.1 -> decides on a constant -> PID-15.2 in mapping `m`";
  EXPECT_THAT(after("when PID-5[1].1.1 == \"SMITH\" { PID-15.2 = \"x\" else keep }"), ElementsAre(kDecided));
  EXPECT_THAT(
      after("when PID-8 == \"F\" { } otherwise when PID-5[1].1.1 == \"SMITH\" { } otherwise { PID-15.2 = \"x\" else keep }"),
      ElementsAre(kDecided));
  EXPECT_THAT(after("when PID-5[1].1.1 == \"SMITH\" { PID-15.2 = PID-8 else keep }"), IsEmpty());
  EXPECT_THAT(after("when PID-8 == \"F\" { PID-15.2 = \"x\" else keep }"), IsEmpty());
  EXPECT_THAT(after("when PID-5[1].1.1 present { PID-15.2 = \"x\" else keep }"), IsEmpty());
}

TEST(PhiMapping, WhatIsReplacedForCertainIsGone) {
  // PID-19 keeps its label where something may stay in it.
  EXPECT_THAT(after("PID-15.2 = PID-19 else keep\nPID-19 = \"x\" else keep"),
              ElementsAre("PID-15.2 direct: PID-19 -> PID-15.2 in mapping `m`"));
}

}  // namespace
}  // namespace smarthl7::check

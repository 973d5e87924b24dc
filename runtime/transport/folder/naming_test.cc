// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/naming.h"

#include <gtest/gtest.h>

namespace smarthl7::transport::folder {
namespace {

const std::string kMessage = "MSH|^~\\&|LAB^1.2.3|\"\"|HUB|H|20260101||ORU^R01^ORU_R01|ID 7/8|P|2.5.1\rPID|1\r";
const std::string kBatch =
    "FHS|^~\\&|LAB|L|HUB|H|20260101||||F1\rBHS|^~\\&|LAB|L|HUB|H|20260102||||B1\r" + kMessage + "BTS|1\r";

std::string name(std::string_view text, std::string_view message = kMessage) {
  const auto naming = Naming::parse(text);
  return naming ? naming->name_for(message) : "none: " + naming.error().text;
}

TEST(Naming, PutsInFieldsOfTheHeader) {
  EXPECT_EQ(name("{MSH-10}.hl7"), "ID_7_8.hl7");
  EXPECT_EQ(name("{MSH-3.1}-{MSH-9.2}-x.hl7"), "LAB-R01-x.hl7");
  EXPECT_EQ(name("{MSH-3.2}"), "1.2.3");
  EXPECT_EQ(name("{MSH-4|nowhere}.hl7"), "nowhere.hl7");
  EXPECT_EQ(name("{MSH-19|none}.hl7"), "none.hl7");
  EXPECT_EQ(name("fixed"), "fixed");
}

TEST(Naming, TakesThoseOfABatchFromItsHeader) {
  EXPECT_EQ(name("{MSH-3}-{MSH-7}-{MSH-10}.hl7", kBatch), "LAB-20260102-B1.hl7");
  EXPECT_EQ(name("{MSH-9|batch}.hl7", kBatch), "batch.hl7");
}

TEST(Naming, NeverLeavesItsFolder) {
  const auto with_id = [](const std::string& id) { return "MSH|^~\\&|A|B|C|D|2026||ADT^A01|" + id + "|P|2.5\r"; };
  EXPECT_EQ(name("{MSH-10}", with_id("..")), "_..");
  EXPECT_EQ(name("{MSH-10}", with_id("../../x")), "_.._.._x");
  EXPECT_EQ(name("{MSH-10}", with_id("a\x01"
                                     "b\x7F")),
            "a_b_");
  EXPECT_EQ(name("{MSH-10}", with_id(std::string("a\0b", 3))), "a_b");
  EXPECT_EQ(name("{MSH-10}", with_id("")), "_");
  EXPECT_EQ(name("{MSH-4|a/b}", "MSH|^~\\&|A\r"), "a_b");
  const std::string long_name = name("{MSH-10}.hl7", with_id(std::string(3000, 'x')));
  EXPECT_EQ(long_name.size(), 180U);
  EXPECT_TRUE(long_name.ends_with(".hl7"));
  EXPECT_NE(long_name, name("{MSH-10}.hl7", with_id(std::string(3001, 'x'))));
  EXPECT_EQ(name("{MSH-10}", "no header at all"), "_");
}

TEST(Naming, RefusesWhatItCannotRead) {
  for (const char* text : {"", "{PID-3}", "{MSH-10", "{MSH-}", "{MSH-0}", "{MSH-3.}", "{MSH-3x}"})
    EXPECT_FALSE(Naming::parse(text)) << text;
}

TEST(Naming, SplitsFolderAndName) {
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(split_path("out/{MSH-10}.hl7"), Pair("out/", "{MSH-10}.hl7"));
  EXPECT_EQ(split_path("/a/b/x{MSH-4|q/r}"), Pair("/a/b/", "x{MSH-4|q/r}"));
  EXPECT_EQ(split_path("x.hl7"), Pair(".", "x.hl7"));
}

}  // namespace
}  // namespace smarthl7::transport::folder

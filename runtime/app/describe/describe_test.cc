// SPDX-License-Identifier: Apache-2.0
// Golden: testdata/NAME.txt and NAME.json hold what is printed; SMARTHL7_UPDATE_GOLDEN=1 rewrites them.
#include "runtime/app/describe/describe.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::app::describing {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

Answer ask(std::string version, std::string what, bool as_json = false) {
  return describe({std::move(version), std::move(what), as_json, false});
}

void expect_golden(const std::string& name, const std::string& text) {
  const fs::path file = fs::path(SMARTHL7_SOURCE_DIR) / "runtime/app/describe/testdata" / name;
  if (std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  std::ifstream in(file, std::ios::binary);
  ASSERT_TRUE(in) << file;
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(in), {})) << name;
}

TEST(Describe, Golden) {
  for (const auto& [name, version, what] : {std::tuple{"field", "2.5.1", "PID-3"},
                                            {"component", "2.5.1", "PID-3.4"},
                                            {"subcomponent", "2.5.1", "pid-3.4.1"},
                                            {"segment", "2.5.1", "OBX"},
                                            {"withdrawn", "2.8.2", "PID-28"},
                                            {"structure", "2.5.1", "ORU_R01"},
                                            {"choice", "2.4", "ORM_O01"},
                                            {"datatype", "2.5.1", "CX"},
                                            {"primitive", "2.5.1", "ST"},
                                            {"table", "2.5.1", "table 0085"},
                                            {"user_table", "2.5.1", "0001"},
                                            {"event", "2.5.1", "A08"},
                                            {"message_event", "2.3", "ADT^A08"},
                                            {"code", "2.5.1", "MDM"},
                                            {"version", "2.2", ""}}) {
    const Answer text = ask(version, what);
    EXPECT_TRUE(text.found) << what << text.complaint;
    EXPECT_EQ(text.complaint, "");
    expect_golden(std::string(name) + ".txt", text.text);
    const Answer object = ask(version, what, true);
    EXPECT_TRUE(object.found);
    EXPECT_TRUE(json::parse(object.text).is_object());
    expect_golden(std::string(name) + ".json", object.text);
  }
}

TEST(Describe, AWrongNameIsAnsweredWithANearOne) {
  EXPECT_EQ(ask("2.5.1", "PIDD").complaint, "HL7 2.5.1 has no `PIDD`\nhelp: did you mean `PID`?");
  EXPECT_EQ(ask("2.5.1", "ORU_R1").complaint, "HL7 2.5.1 has no `ORU_R1`\nhelp: did you mean `ORU_R01`?");
  EXPECT_EQ(ask("2.3", "OML_O21").complaint,
            "HL7 2.3 has no `OML_O21`\nnote: it is in HL7 2.4, 2.5, 2.5.1, 2.6, 2.7, 2.8, 2.8.1, 2.8.2");
  EXPECT_EQ(ask("2.5.1", "ADT^A99").complaint, "HL7 2.5.1 has no `ADT^A99`\nhelp: did you mean `ADT^A09`?");
  EXPECT_EQ(ask("2.5.1", "nonsense").complaint,
            "HL7 2.5.1 has no `nonsense`\nhelp: `smarthl7 describe 2.5.1` lists what there is");
  EXPECT_EQ(ask("2.5.1", "PID-40").complaint, "PID has 39 fields in HL7 2.5.1\nhelp: `smarthl7 describe 2.5.1 PID` lists them");
  EXPECT_EQ(ask("2.5.1", "PID-8.1").complaint, "PID-8 has no components in HL7 2.5.1");
  EXPECT_EQ(ask("2.5.1", "PID-3.11").complaint,
            "PID-3 has 10 components in HL7 2.5.1\nhelp: `smarthl7 describe 2.5.1 PID-3` lists them");
  EXPECT_EQ(ask("2.5.1", "table 9998").complaint, "there is no HL7 table `9998`\nhelp: write its number, as in `table 0203`");
  EXPECT_EQ(
      ask("two", "PID").complaint,
      "`two` is no version of HL7\nhelp: the versions are 2.1, 2.2, 2.3, 2.3.1, 2.4, 2.5, 2.5.1, 2.6, 2.7, 2.8, 2.8.1, 2.8.2");
  for (const char* odd :
       {"-", ".", "^", "PID-", "PID-x", "PID-3.", "PID--3", "ADT^", "table", "table x", "_", " PID ", "99999999999"})
    EXPECT_EQ(ask("2.5.1", odd).found, std::string(odd) == " PID " || std::string(odd) == "ADT^") << odd;
}

TEST(Describe, AVersionWithoutFactsIsSaidToBeAnother) {
  const Answer answer = ask("2.7.1", "PID-3");
  EXPECT_TRUE(answer.found);
  EXPECT_EQ(answer.complaint, "note: there are no facts of HL7 2.7.1 here; these are those of 2.7");
  EXPECT_EQ(answer.text, ask("2.7", "PID-3").text);
}

TEST(Describe, NamesLeadToPartsToo) {
  EXPECT_EQ(ask("2.5.1", "PID.patient_identifier_list").text, ask("2.5.1", "PID-3").text);
  EXPECT_EQ(ask("2.5.1", "CX.4").found, true);
}

/// Everything that the dictionary has can be described, in both forms.
TEST(Describe, AllThereIs) {
  std::size_t described = 0;
  const auto check = [&](std::string_view version, std::string_view what) {
    ++described;
    const Answer text = ask(std::string(version), std::string(what));
    EXPECT_TRUE(text.found) << version << " " << what << " " << text.complaint;
    EXPECT_TRUE(json::parse(ask(std::string(version), std::string(what), true).text).is_object());
  };
  for (std::size_t n = 0; n < hl7::version_count(); ++n) {
    const hl7::Version version = hl7::version_at(n);
    for (std::size_t i = 0; i < version.structure_count(); ++i) check(version.name(), version.structure_at(i).name());
    for (std::size_t i = 0; i < version.segment_count(); ++i) check(version.name(), version.segment_at(i).name());
    for (std::size_t i = 0; i < version.datatype_count(); ++i) check(version.name(), version.datatype_at(i).name());
    for (std::size_t i = 0; i < hl7::Version::table_count(); i += 7)
      check(version.name(), "table " + std::to_string(version.table_at(i).number()));
  }
  EXPECT_GT(described, 4000U);
}

}  // namespace
}  // namespace smarthl7::app::describing

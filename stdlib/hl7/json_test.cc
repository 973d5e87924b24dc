// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/json.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "stdlib/hl7/json_text.h"
#include "stdlib/hl7/tree.h"

namespace smarthl7::hl7 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Tree tree_of(std::string_view bytes) {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  Tree tree;
  TreeMaker().make(*message, tree);
  return tree;
}

std::string pipes(const Tree& tree) {
  std::string out;
  to_pipes(tree, out);
  return out;
}

std::string json(std::string_view bytes, const JsonOptions& options = {.indent = false}) {
  std::string out;
  const auto written = write_json(tree_of(bytes), out, options);
  EXPECT_TRUE(written) << written.error().text;
  return out;
}

std::string read(std::string_view document, const ReadLimits& limits = {}) {
  Tree tree;
  const auto done = read_json(document, tree, limits);
  return done ? pipes(tree) : "error: " + done.error().text;
}

const std::string kHeader = "MSH|^~\\&|LAB||||||ORU^R01^ORU_R01|1|P|2.5.1\r";
const std::string kBegin =
    R"({"structure":"ORU_R01","version":"2.5.1","delimiters":"|^~\\&","segments":[{"segment":"MSH","fields":{"3":"LAB",)"
    R"("9":{"1":"ORU","2":"R01","3":"ORU_R01"},"10":"1","11":"P","12":"2.5.1"}})";

TEST(Json, WritesGroupsAndFieldsAndReadsThemBack) {
  const std::string bytes = kHeader + "PID|1||77^^^NORTH&1.2~88||\"\"^ANNA\rOBR|1\rOBX|1|NM\r";
  const std::string wanted =
      kBegin +
      R"(,{"group":"PATIENT_RESULT","segments":[{"group":"PATIENT","segments":[{"segment":"PID","fields":{"1":"1",)"
      R"("3":[{"1":"77","4":{"1":"NORTH","2":"1.2"}},"88"],"5":{"1":null,"2":"ANNA"}}}]},{"group":"ORDER_OBSERVATION",)"
      R"("segments":[{"segment":"OBR","fields":{"1":"1"}},{"group":"OBSERVATION","segments":[{"segment":"OBX",)"
      R"("fields":{"1":"1","2":"NM"}}]}]}]}]})";
  EXPECT_EQ(json(bytes), wanted);
  EXPECT_EQ(read(wanted), bytes);
  EXPECT_EQ(read(json(bytes, {})), bytes);
  Tree back;
  ASSERT_TRUE(read_json(wanted, back));
  EXPECT_EQ(back, tree_of(bytes));
}

TEST(Json, SaysAllThatPipesSay) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"PID", R"({"segment":"PID"})"},
      {"PID|", R"({"segment":"PID","fields":{"1":""}})"},
      {"PID||", R"({"segment":"PID","fields":{"2":""}})"},
      {"PID||a^^|", R"({"segment":"PID","fields":{"2":{"1":"a","3":""},"3":""}})"},
      {"PID|~a~~b&~", R"({"segment":"PID","fields":{"1":["","a","",{"1":{"1":"b","2":""}},""]}})"},
      {"PID|~", R"({"segment":"PID","fields":{"1":["",""]}})"},
      {"PID|^", R"({"segment":"PID","fields":{"1":{"2":""}}})"},
      {"PID|&", R"({"segment":"PID","fields":{"1":{"1":{"2":""}}}})"},
      {"PID|\"\"|\"\"^x", R"({"segment":"PID","fields":{"1":null,"2":{"1":null,"2":"x"}}})"},
      {"PID|\\X22\\\"", R"({"segment":"PID","fields":{"1":"\"\""}})"},
      {"PID|a\\F\\b\\T\\c\\X0D\\d", R"({"segment":"PID","fields":{"1":"a|b&c\rd"}})"},
      {"PID|a\\.br\\b", R"({"segment":"PID","fields":{"1":{"escaped":"a\\.br\\b"}}})"},
      {"PID|a\\b|\\X41\\|\\Q\\",
       R"({"segment":"PID","fields":{"1":{"escaped":"a\\b"},"2":{"escaped":"\\X41\\"},"3":{"escaped":"\\Q\\"}}})"},
      {"PID|\t\x01", R"({"segment":"PID","fields":{"1":"\t\u0001"}})"},
      {"p \"d|x", R"({"segment":"p \"d","fields":{"1":"x"}})"},
      {"BHS|^~\\&||x", R"({"segment":"BHS","fields":{"2":"^~\\&","4":"x"}})"},
      {"BHS", R"({"segment":"BHS"})"},
      {"BHS|", R"({"segment":"BHS","fields":{"2":""}})"},
  };
  for (const auto& [segment, text] : pairs) {
    const std::string bytes = kHeader + segment + "\r";
    const std::string made = json(bytes);
    EXPECT_THAT(made, HasSubstr(text));
    EXPECT_EQ(read(made), bytes) << made;
  }
}

TEST(Json, KeepsLineEndsAndWhatStandsBeforeTheHeader) {
  for (const std::string bytes : {"\xEF\xBB\xBF\r\nMSH|^~\\&|A\r\n\r\nPID\r\nNTE|1\r\n", "MSH|^~\\&|A\nPID|1\r", "MSH|^~\\&",
                                  "MSH|", "MSH|^~\\&#|a#|\\P\\b\r", "MSH$%&$A\r", "MSH|^~\\&\n\n\n"}) {
    EXPECT_EQ(read(json(bytes)), bytes);
    EXPECT_EQ(read(json(bytes, {})), bytes);
  }
  EXPECT_THAT(json("MSH|^~\\&|A\nPID|1\n"), HasSubstr(R"("terminator":"\n")"));
}

TEST(Json, MembersAndKeysMayStandInAnyOrder) {
  EXPECT_EQ(read(R"({"segments":[{"segment":"MSH","fields":{"10":"x&y","3":"a","1":"$","2":"^~\\&"}},)"
                 R"({"segment":"PID","fields":{"5":{"3":"c","1":"a"},"10":["r","s"],"3":"i","1":""}}],"delimiters":"$^~\\&"})"),
            "MSH$^~\\&$a$$$$$$$x\\T\\y\rPID$$$i$$a^^c$$$$$r~s\r");
  EXPECT_EQ(read(R"({"segments":[{"segment":"MSH","fields":{"3":"a"}}]})"), "MSH|^~\\&|a\r");
}

TEST(Json, RefusesWithThePlaceAndWithoutValues) {
  const auto with = [](const std::string& segments) { return read(kBegin + "," + segments + "]}"); };
  const auto fields = [&](const std::string& text) { return with(R"({"segment":"PID","fields":{)" + text + "}}"); };
  EXPECT_THAT(read(""), HasSubstr("line 1, column 1: expected a value"));
  EXPECT_THAT(read("[]"), HasSubstr("expected an object, the message"));
  EXPECT_THAT(read("{}"), HasSubstr("expected a member `segments`"));
  EXPECT_THAT(read("{\"segments\":[]}"), HasSubstr("MSH first"));
  EXPECT_THAT(read("{\n \"SECRET\":1}"), HasSubstr("line 2, column 2: expected one of: structure"));
  EXPECT_THAT(read("{\"version\":\"a\",\"version\":\"b\"}"), HasSubstr("each member once"));
  EXPECT_THAT(read(R"({"delimiters":"^^","segments":[]})"), HasSubstr("expected a field separator"));
  EXPECT_THAT(read(R"({"segments":[{"segment":"PID"}]})"), HasSubstr("expected MSH first"));
  EXPECT_THAT(read(kBegin + "]}x"), HasSubstr("expected nothing after"));
  EXPECT_THAT(with("5"), HasSubstr("expected a segment or a group"));
  EXPECT_THAT(with(R"({"segment":"P|D"})"), HasSubstr("expected a segment's name"));
  EXPECT_THAT(fields(R"("3":5)"), HasSubstr("expected a string, null, an object of components"));
  EXPECT_THAT(fields(R"("3":true)"), HasSubstr("expected a string, null, an object of components"));
  EXPECT_THAT(fields(R"("x":"SECRET")"), HasSubstr("expected a number from 1 on"));
  EXPECT_THAT(fields(R"("03":"")"), HasSubstr("expected a number from 1 on"));
  EXPECT_THAT(fields(R"("99999":"")"), HasSubstr("expected a number from 1 on"));
  EXPECT_THAT(fields(R"("3":"a","3":"b")"), HasSubstr("each number once"));
  EXPECT_THAT(fields(R"("3":{"1":{"1":{"1":"a"}}})"), HasSubstr("no level below subcomponents"));
  EXPECT_THAT(fields(R"("3":{"escaped":"a^b"})"), HasSubstr("no delimiter but the escape character"));
  EXPECT_THAT(fields(R"("3":{"1":["a"]})"), HasSubstr("expected a string, null or an object"));
  for (const char* text :
       {R"("3":"SECRET)", R"("3":"SECRET\ud800")", R"("3":"SECRET\q")", "\"3\":\"SECRET\xFF\"", "\"3\":\"SECRET\n\""})
    EXPECT_THAT(fields(text), AllOf(HasSubstr("error: line 1, column"), Not(HasSubstr("SECRET"))));
}

TEST(Json, RefusesBytesThatAreNoText) {
  std::string out = "before";
  EXPECT_THAT(write_json(tree_of(kHeader + "NTE|||a^b\xFF\r"), out).error().text, HasSubstr("NTE-3[1].2: bytes"));
  EXPECT_EQ(out, "before");
}

TEST(Json, ManyDocumentsAreCutApart) {
  using Cut = std::vector<std::string_view>;
  EXPECT_EQ(split_json(""), Cut{});
  EXPECT_EQ(split_json(" [ ] "), Cut{});
  EXPECT_EQ(split_json("{\"a\":[1,\"}\\\"\"]}\n{} {"), (Cut{"{\"a\":[1,\"}\\\"\"]}", "{}", "{"}));
  EXPECT_EQ(split_json("{}{}"), (Cut{"{}", "{}"}));
  EXPECT_EQ(split_json("[{\"a\":[]},\n {\"b\":{}} ] x"), (Cut{"{\"a\":[]}", "{\"b\":{}}", "x"}));
}

TEST(Json, KeepsToItsLimits) {
  EXPECT_THAT(read(kBegin + "]}", {.bytes = 10}), HasSubstr("more than 10 bytes"));
  EXPECT_THAT(read(kBegin + R"(,{"segment":"PID"}]})", {.segments = 1}), HasSubstr("too many segments"));
  std::string deep = kBegin + ",";
  for (int n = 0; n < 10000; ++n) deep += R"({"group":"A","segments":[)";
  EXPECT_THAT(read(deep), HasSubstr("nested too deep"));
  EXPECT_THAT(read(std::string(100000, '[')), HasSubstr("expected an object"));
}

TEST(Json, ABigValuePasses) {
  const std::string big(20U << 20U, 'A');
  const std::string bytes = kHeader + "OBX|1|ED|X||^AP^^Base64^" + big + "\r";
  EXPECT_EQ(read(json(bytes)), bytes);
}

/// Every token, so that a text that is no JSON shows.
bool accepts(std::string_view text) {
  JsonText json(text, 32);
  for (;;) {
    const auto token = json.next();
    if (!token) return false;
    if (*token == JsonText::Token::end) return true;
  }
}

TEST(JsonText, AgreesWithAnotherReaderOnWhatIsJson) {
  const std::vector<std::string> seeds = {R"({"a":[1,-2.5e+3,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"":{}},"c":[]})",
                                          R"([[],[[]],{"k":"v"},0,-0,0.1,1e5])", R"("\"\\\/\b\f\n\r\t")", "  12  ",
                                          "{\"\xC3\xA9\":1}"};
  const std::string letters = "{}[]\",:\\u0e1-+.tfn \n\x01\xC3\xA9\xF0";
  std::uint64_t state = 1;
  const auto next = [&](std::size_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state >> 33U) % below;
  };
  boost::json::parse_options options;
  options.max_depth = 32;
  std::size_t accepted = 0;
  for (int n = 0; n < 40000; ++n) {
    std::string text = seeds[next(seeds.size())];
    for (std::size_t changes = next(4); changes > 0; --changes) {
      const std::size_t at = next(text.size() + 1);
      if (next(2) == 0 && at < text.size()) {
        text.erase(at, 1 + next(2));
      } else {
        text.insert(at, 1, letters[next(letters.size())]);
      }
    }
    boost::json::error_code error;
    boost::json::parse(text, error, {}, options);
    EXPECT_EQ(accepts(text), !error) << text;
    accepted += error ? 0U : 1U;
  }
  EXPECT_GT(accepted, 5000U);
  EXPECT_LT(accepted, 35000U);
}

}  // namespace
}  // namespace smarthl7::hl7

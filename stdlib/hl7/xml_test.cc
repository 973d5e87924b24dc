// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/xml.h"

#include <gmock/gmock.h>

#include "stdlib/hl7/tree.h"

namespace smarthl7::hl7 {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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

std::string xml(std::string_view bytes, const XmlOptions& options = {.indent = false, .declaration = false}) {
  std::string out;
  const auto written = write_xml(tree_of(bytes), out, options);
  EXPECT_TRUE(written) << written.error().text;
  return out;
}

/// The pipes of a document, or the error's text.
std::string read(std::string_view document, const ReadLimits& limits = {}) {
  Tree tree;
  const auto done = read_xml(document, tree, limits);
  return done ? pipes(tree) : "error: " + done.error().text;
}

const std::string kHeader = "MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01^ORU_R01|1|P|2.5.1\r";
const std::string kHeaderXml =
    "<MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2><MSH.3><HD.1>LAB</HD.1></MSH.3><MSH.4><HD.1>NORTH</HD.1></MSH.4>"
    "<MSH.7><TS.1>20260301</TS.1></MSH.7><MSH.9><MSG.1>ORU</MSG.1><MSG.2>R01</MSG.2><MSG.3>ORU_R01</MSG.3></MSH.9>"
    "<MSH.10>1</MSH.10><MSH.11><PT.1>P</PT.1></MSH.11><MSH.12><VID.1>2.5.1</VID.1></MSH.12></MSH>";
std::string document(std::string_view segments) {
  return "<ORU_R01 xmlns=\"urn:hl7-org:v2xml\">" + kHeaderXml + std::string(segments) + "</ORU_R01>";
}

struct Pair {
  std::string segment;
  std::string fields;
};

TEST(Xml, WritesGroupsFieldsAndTypesAndReadsThemBack) {
  const std::string bytes =
      kHeader + "PID|1||77^^^NORTH&1.2&ISO^MR||\"\"^ANNA||19700101\rOBR|1|||A^B\rOBX|1|CE|C||a^b~c\rOBX|2|NM|C||5\r";
  const std::string wanted = document(
      "<ORU_R01.PATIENT_RESULT><ORU_R01.PATIENT><PID><PID.1>1</PID.1><PID.3><CX.1>77</CX.1><CX.4><HD.1>NORTH</HD.1><HD.2>1.2</"
      "HD.2>"
      "<HD.3>ISO</HD.3></CX.4><CX.5>MR</CX.5></PID.3><PID.5><XPN.1><FN.1>\"\"</FN.1></XPN.1><XPN.2>ANNA</XPN.2></PID.5>"
      "<PID.7><TS.1>19700101</TS.1></PID.7></PID></ORU_R01.PATIENT><ORU_R01.ORDER_OBSERVATION><OBR><OBR.1>1</OBR.1><OBR.4>"
      "<CE.1>A</CE.1><CE.2>B</CE.2></OBR.4></OBR><ORU_R01.OBSERVATION><OBX><OBX.1>1</OBX.1><OBX.2>CE</OBX.2><OBX.3><CE.1>C</"
      "CE.1>"
      "</OBX.3><OBX.5><CE.1>a</CE.1><CE.2>b</CE.2></OBX.5><OBX.5><CE.1>c</CE.1></OBX.5></OBX></ORU_R01.OBSERVATION>"
      "<ORU_R01.OBSERVATION><OBX><OBX.1>2</OBX.1><OBX.2>NM</OBX.2><OBX.3><CE.1>C</CE.1></OBX.3><OBX.5>5</OBX.5></OBX>"
      "</ORU_R01.OBSERVATION></ORU_R01.ORDER_OBSERVATION></ORU_R01.PATIENT_RESULT>");
  EXPECT_EQ(xml(bytes), wanted + "\n");
  EXPECT_EQ(read(wanted), bytes);
  EXPECT_EQ(read(xml(bytes, {})), bytes);
  Tree back;
  ASSERT_TRUE(read_xml(wanted, back));
  EXPECT_EQ(back, tree_of(bytes));
}

TEST(Xml, SaysWhatPipesSay) {
  const std::vector<Pair> pairs = {
      {"ZPI|a|b^c|d&e|f~g|^h",
       "<ZPI><ZPI.1>a</ZPI.1><ZPI.2><UNKNOWN.1>b</UNKNOWN.1><UNKNOWN.2>c</UNKNOWN.2></ZPI.2><ZPI.3>"
       "<UNKNOWN.1><UNKNOWN.1>d</UNKNOWN.1><UNKNOWN.2>e</UNKNOWN.2></UNKNOWN.1></ZPI.3><ZPI.4>f</ZPI.4>"
       "<ZPI.4>g</ZPI.4><ZPI.5><UNKNOWN.2>h</UNKNOWN.2></ZPI.5></ZPI>"},
      {"PID||", "<PID><PID.2/></PID>"},  // separators at the end
      {"PID|", "<PID><PID.1/></PID>"},
      {"PID", "<PID/>"},
      {"PID|||1^^", "<PID><PID.3><CX.1>1</CX.1><CX.3/></PID.3></PID>"},
      {"PID|||1~~2~", "<PID><PID.3><CX.1>1</CX.1></PID.3><PID.3/><PID.3><CX.1>2</CX.1></PID.3><PID.3/></PID>"},
      {"PID|||~", "<PID><PID.3/><PID.3/></PID>"},
      {"PID|\"\"||\"\"", "<PID><PID.1>\"\"</PID.1><PID.3><CX.1>\"\"</CX.1></PID.3></PID>"},
      {"NTE|||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f<>", "<NTE><NTE.3>a|b^c&amp;d~e\\f&lt;&gt;</NTE.3></NTE>"},
      {"NTE|||a\\.br\\b\\H\\c\\N\\d\\X0D\\\\Zx\"<\\",
       "<NTE><NTE.3>a<escape V=\".br\"/>b<escape V=\"H\"/>c<escape V=\"N\"/>d<escape V=\"X0D\"/><escape "
       "V=\"Zx&quot;&lt;\"/></NTE.3></NTE>"},
      {"NTE||| x ", "<NTE><NTE.3> x </NTE.3></NTE>"},
      {"NTE||| ", "<NTE><NTE.3> </NTE.3></NTE>"},
      {"NTE|||Gr\xC3\xBCn\t\xE2\x82\xAC", "<NTE><NTE.3>Gr\xC3\xBCn\t\xE2\x82\xAC</NTE.3></NTE>"},
      {"PID|||||^^^^^^^^^^^20260101&20270101",
       "<PID><PID.5><XPN.12><TS.1>20260101</TS.1><TS.2>20270101</TS.2></XPN.12></PID.5></PID>"},
      {"PID||||||||F&G", "<PID><PID.8><IS.1><UNKNOWN.1>F</UNKNOWN.1><UNKNOWN.2>G</UNKNOWN.2></IS.1></PID.8></PID>"},
      {"PID|||||||||||^^^^^^^^^^^^2020&2021",
       "<PID><PID.11><XAD.13><TS.1>2020</TS.1><TS.2>2021</TS.2></XAD.13></PID.11></PID>"},
  };
  for (const Pair& pair : pairs) {
    const std::string made = xml(kHeader + pair.segment + "\r");
    const std::size_t from = made.find("</MSH>") + 6;
    EXPECT_EQ(read(made), kHeader + pair.segment + "\r") << made.substr(from);
    std::string body = made.substr(from, made.rfind("</ORU_R01>") - from);
    for (const char* group :
         {"<ORU_R01.PATIENT_RESULT>", "</ORU_R01.PATIENT_RESULT>", "<ORU_R01.PATIENT>", "</ORU_R01.PATIENT>"}) {
      if (const std::size_t at = body.find(group); at != std::string::npos) body.erase(at, std::string_view(group).size());
    }
    EXPECT_EQ(body, pair.fields) << pair.segment;
  }
}

TEST(Xml, EncodingCharactersMayBeMoreThanHl7Has) {
  const std::string bytes = "MSH|^~\\&" + std::string(100, ';') + "|A\r";
  EXPECT_EQ(read(xml(bytes)), bytes);
}

TEST(Xml, WhatItCannotCarryComesBackAsANamedDifference) {
  const auto back = [](const std::string& segment) { return read(xml(kHeader + segment)).substr(kHeader.size()); };
  EXPECT_EQ(back("NTE|||a\x01\x1B"
                 "b\r"),
            "NTE|||a\\X01\\\\X1B\\b\r");               // characters that XML does not have
  EXPECT_EQ(back("NTE|||a\\b\r"), "NTE|||a\\E\\b\r");  // an escape character that begins nothing
  EXPECT_EQ(back("NTE|1\n"), "NTE|1\r");               // line ends
  EXPECT_EQ(read(xml(kHeader + "PID|1|||\r", {.keep_trailing = false})), kHeader + "PID|1\r");
}

TEST(Xml, RefusesWhatXmlCannotName) {
  std::string out = "before";
  EXPECT_THAT(write_xml(tree_of(kHeader + "p d|1\r"), out).error().text, HasSubstr("cannot name an XML element"));
  EXPECT_THAT(write_xml(tree_of(kHeader + "NTE|||\xFF"
                                          "x\r"),
                        out)
                  .error()
                  .text,
              HasSubstr("NTE-3: bytes that are not in"));
  // Without an escape character nothing can stand for a control character.
  EXPECT_THAT(write_xml(tree_of("MSH|\\&|A|B\x01\r"), out).error().text,
              HasSubstr("MSH-4: a character that XML does not have"));
  EXPECT_EQ(out, "before");
}

TEST(Xml, ReadsWhatOthersWrite) {
  // A prefix, CDATA, comments, indentation, another encoding, elements of types that we name otherwise.
  EXPECT_EQ(
      read("<?xml version='1.0' encoding='ISO-8859-1'?>\n<!-- c --><h:ACK xmlns:h='urn:hl7-org:v2xml'>\n <h:MSH>\n"
           "<h:MSH.3>A<![CDATA[&]]>\xFC</h:MSH.3><h:MSH.9><h:X.1>ACK</h:X.1></h:MSH.9></h:MSH><h:MSA>\n<h:MSA.1>\n</h:MSA.1>"
           "<h:MSA.2>7</h:MSA.2></h:MSA></h:ACK>"),
      "MSH|^~\\&|A\\T\\\xC3\xBC||||||ACK\rMSA||7\r");
  EXPECT_EQ(read("<ACK><MSH><MSH.1>$</MSH.1><MSH.2>^~\\&amp;</MSH.2><MSH.10>1$2</MSH.10></MSH></ACK>"),
            "MSH$^~\\&$$$$$$$$1\\F\\2\r");
}

TEST(Xml, RefusesWithThePlaceAndWithoutValues) {
  const auto with = [](std::string_view segments) { return read(document(segments)); };
  EXPECT_THAT(read(""), HasSubstr("expected an XML document"));
  EXPECT_THAT(read("<!DOCTYPE a [<!ENTITY x 'y'>]><ACK/>"), HasSubstr("no document type"));
  EXPECT_THAT(read("<ACK>&xx;</ACK>"), HasSubstr("line 1, column"));
  EXPECT_THAT(read("<ACK></ACK>"), HasSubstr("expected a message with MSH"));
  EXPECT_THAT(read("<ACK><PID/></ACK>"), HasSubstr("expected MSH first"));
  EXPECT_THAT(read("<ACK xmlns='urn:other'/>"), HasSubstr("urn:hl7-org:v2xml"));
  EXPECT_THAT(read("<ACK><MSH></ACK>"), HasSubstr("expected the end tag"));
  EXPECT_THAT(with("\n<PID><PID.3>SECRET<CX.1>a</CX.1></PID.3></PID>"), HasSubstr("error: line 2, column"));
  EXPECT_THAT(with("<PID><PID.3>SECRET<CX.1>a</CX.1></PID.3></PID>"),
              HasSubstr("PID.3: expected a value or elements, not both"));
  EXPECT_THAT(with("<PID><PID.3><CX.1>a</CX.1>SECRET</PID.3></PID>"), HasSubstr("expected elements here, not text"));
  EXPECT_THAT(with("<PID>SECRET</PID>"), HasSubstr("expected elements here, not text"));
  EXPECT_THAT(with("<PID><PID.3/><PID.2/></PID>"), HasSubstr("expected the fields in order"));
  EXPECT_THAT(with("<PID><PV1.3/></PID>"), HasSubstr("expected a field of the segment around it"));
  EXPECT_THAT(with("<PID><PID.0/></PID>"), HasSubstr("expected a field, as PID.3"));
  EXPECT_THAT(with("<PID><PID.99999/></PID>"), HasSubstr("expected a field, as PID.3"));
  EXPECT_THAT(with("<PID><PID.3><CX.2/><CX.1/></PID.3></PID>"), HasSubstr("once, in order"));
  EXPECT_THAT(with("<PID><PID.3><CX.4><HD.1><X.2>a</X.2></HD.1></CX.4></PID.3></PID>"),
              HasSubstr("no place below subcomponents"));
  EXPECT_THAT(with("<NTE><NTE.3>a<escape/></NTE.3></NTE>"), HasSubstr("expected an attribute V"));
  EXPECT_THAT(with("<NTE><NTE.3>a<escape V='a|b'/></NTE.3></NTE>"), HasSubstr("between two escape characters"));
  EXPECT_THAT(with("<NTE><NTE.3>a<escape V='/br'/></NTE.3></NTE>"),
              HasSubstr("NTE.3: expected in V an escape sequence of HL7"));
  EXPECT_THAT(with("<NTE><NTE.3><escape V='H'><escape V='N'/></escape></NTE.3></NTE>"), HasSubstr("no escape element here"));
  EXPECT_THAT(with("<PID/>SECRET"), Not(HasSubstr("SECRET")));
  EXPECT_THAT(with("<ORU_R01.X><ADT_A01.Y/></ORU_R01.X>"), HasSubstr("named after the message structure"));
  EXPECT_THAT(read("<ACK><MSH><MSH.1>||</MSH.1></MSH></ACK>"), HasSubstr("the field separator"));
  EXPECT_THAT(read("<ACK><MSH><MSH.2>^^</MSH.2></MSH></ACK>"), HasSubstr("expected delimiters"));
}

TEST(Xml, KeepsToItsLimits) {
  EXPECT_THAT(read(document(""), {.bytes = 10}), HasSubstr("more than 10 bytes"));
  EXPECT_THAT(read(document("<PID/><PID/>"), {.segments = 2}), HasSubstr("too many segments"));
  std::string deep;
  for (int n = 0; n < 1000; ++n) deep += "<ORU_R01.A>";
  EXPECT_THAT(read(document(deep)), HasSubstr("nested too deep"));
}

TEST(Xml, ABigValuePasses) {
  const std::string big(20U << 20U, 'A');
  const std::string bytes = kHeader + "OBX|1|ED|X||^AP^^Base64^" + big + "\r";
  EXPECT_EQ(read(xml(bytes)), bytes);
}

}  // namespace
}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/envelope.h"

#include <gmock/gmock.h>

namespace smarthl7::hl7 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Envelope at(std::string_view text, bool base64 = false, bool cdata = false) {
  auto envelope = parse_envelope(text);
  EXPECT_TRUE(envelope) << text;
  envelope->base64 = base64;
  envelope->cdata = cdata;
  return *envelope;
}

std::string out_of(std::string_view document, const Envelope& envelope) {
  std::string buffer;
  const auto message = unwrap(document, envelope, buffer);
  return message ? std::string(*message) : "error: " + message.error().text;
}

std::string wrapped(std::string_view message, const Envelope& envelope) {
  std::string out;
  const auto done = wrap(message, envelope, out);
  return done ? out : "error: " + done.error().text;
}

const std::string kMessage = "MSH|^~\\&|A&B<C>\"Gr\xC3\xBCn\"\rPID|]]>|\tx\r";

TEST(Envelope, WhatIsWrappedComesOut) {
  for (const char* place : {"json:", "json:/hl7", "json:/data/0/hl7~1v2", "json:/", "xml:message", "xml:Envelope/Body/hl7"}) {
    for (const bool base64 : {false, true})
      EXPECT_EQ(out_of(wrapped(kMessage, at(place, base64)), at(place, base64)), kMessage);
  }
  // CDATA cannot say CR: XML reads it as LF, which is a segment's end too.
  const std::string lines = out_of(wrapped(kMessage, at("xml:m", false, true)), at("xml:m"));
  EXPECT_EQ(lines, "MSH|^~\\&|A&B<C>\"Gr\xC3\xBCn\"\nPID|]]>|\tx\n");
  const std::string bytes("MSH|\xFF\x01\0x", 8);
  EXPECT_EQ(out_of(wrapped(bytes, at("xml:m", true)), at("xml:m", true)), bytes);
}

TEST(Envelope, WritesWhatOthersRead) {
  EXPECT_EQ(wrapped("MSH|a\rb\"", at("json:/data/0/hl7")), R"({"data":[{"hl7":"MSH|a\rb\""}]})");
  EXPECT_EQ(wrapped("MSH|&<\r", at("xml:a/b")), "<a><b>MSH|&amp;&lt;&#13;</b></a>");
  EXPECT_EQ(wrapped("MSH|]]>", at("xml:a", false, true)), "<a><![CDATA[MSH|]]]]><![CDATA[>]]></a>");
  EXPECT_EQ(wrapped("MSH|", at("json:/m", true)), R"({"m":"TVNIfA=="})");
}

TEST(Envelope, ReadsWhatOthersWrite) {
  EXPECT_EQ(out_of(R"({"id":1,"x":{"hl7":"no"},"data":[{"y":[[]]},{"hl7":"MSH|\u00fc\r","z":null}],"w":"\n"})",
                   at("json:/data/1/hl7")),
            "MSH|\xC3\xBC\r");
  EXPECT_EQ(out_of("<?xml version='1.0'?><s:E "
                   "xmlns:s='u'><s:Header><hl7>no</hl7></s:Header><s:Body><hl7>MSH|<![CDATA[&]]>&#13;PID</hl7></s:Body></s:E>",
                   at("xml:E/Body/hl7")),
            "MSH|&\rPID");
  EXPECT_EQ(out_of("<a><b><c>TVNI\r\n fA==</c></b></a>", at("xml:c", true)), "MSH|");
}

TEST(Envelope, AStringWithoutEscapesIsNotCopied) {
  const std::string document = R"({"hl7":"MSH|a"})";
  std::string buffer;
  const auto message = unwrap(document, at("json:/hl7"), buffer);
  ASSERT_TRUE(message);
  EXPECT_GE(message->data(), document.data());
  EXPECT_LT(message->data(), document.data() + document.size());
}

TEST(Envelope, RefusesWithThePlaceAndWithoutValues) {
  const auto json = [](std::string_view text) { return out_of(text, at("json:/a/b")); };
  EXPECT_THAT(json(R"({"a":{"c":"SECRET"}})"),
              AllOf(HasSubstr("expected a value at the envelope's place"), Not(HasSubstr("SECRET"))));
  EXPECT_THAT(json("{\"a\":{\n\"b\":5}}"), HasSubstr("line 2, column 5: expected a string"));
  EXPECT_THAT(json(R"({"a":{"b":"x","b":"y"}})"), HasSubstr("place once"));
  EXPECT_THAT(json(R"({"a":{"b":"x"}} SECRET)"), AllOf(HasSubstr("nothing after"), Not(HasSubstr("SECRET"))));
  EXPECT_THAT(json(R"({"a":{"b":"x"})"), HasSubstr("expected a comma or the end of the object"));
  EXPECT_THAT(json(std::string(1000, '[')), HasSubstr("nested too deep"));
  const auto xml = [](std::string_view text) { return out_of(text, at("xml:m")); };
  EXPECT_THAT(xml("<a/>"), HasSubstr("element in the document"));
  EXPECT_THAT(xml("<a>\n<m>x</m><m>y</m></a>"), HasSubstr("line 2, column"));
  EXPECT_THAT(xml("<a><m>SECRET<b/></m></a>"),
              AllOf(HasSubstr("expected text in the envelope's element"), Not(HasSubstr("SECRET"))));
  EXPECT_THAT(xml("<!DOCTYPE m><m/>"), HasSubstr("no document type"));
  EXPECT_THAT(out_of("{\"m\":\n \"TVNI*\"}", at("json:/m", true)),
              HasSubstr("line 2, column 3: expected base64, at character 5"));
  EXPECT_THAT(out_of("<m>TVNI*</m>", at("xml:m", true)), HasSubstr("expected base64, at character 5"));
  EXPECT_THAT(wrapped("a\x01", at("xml:m")), HasSubstr("base64 can carry it"));
  EXPECT_THAT(wrapped("a\xFF", at("json:/m")), HasSubstr("base64 can carry it"));
  std::string buffer;
  EXPECT_FALSE(unwrap("{\"a\":\"b\"}", at("json:/a"), buffer, 5));
}

TEST(Envelope, APlaceIsReadOrRefused) {
  for (const char* wrong : {"", "yaml:/a", "json:a", "json:/a~2", "json:/~", "xml:", "xml:a//b", "xml:a/", "xml:1a", "xml:a:b"})
    EXPECT_FALSE(parse_envelope(wrong)) << wrong;
  EXPECT_EQ(at("json:/a~1b/~01").path, (std::vector<std::string>{"a/b", "~1"}));
}

TEST(Envelope, ABigMessagePasses) {
  std::string big = "MSH|^~\\&|A\rOBX|1|ED|||";
  big.append(20U << 20U, 'Q');
  for (const char* place : {"json:/a/b", "xml:a/b"}) {
    for (const bool base64 : {false, true}) EXPECT_EQ(out_of(wrapped(big, at(place, base64)), at(place, base64)), big);
  }
}

}  // namespace
}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// Through the tree and back: pipes to XML to pipes, pipes to JSON to pipes, over fixtures, foreign messages where they stand
// beside the tree, and generated messages of every structure of every version. The source bytes are overwritten before anything
// is encoded. The same bytes come back, or those that a named difference of the encoding makes of them; each is counted.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "stdlib/hl7/encoding.h"
#include "stdlib/hl7/escape.h"
#include "tests/support/message_generator.h"
#include "tests/support/oru_generator.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

using Differences = std::map<std::string, std::size_t>;

/// What XML forces on a value: a control character becomes a hexadecimal escape, an escape character that begins nothing \E\.
std::string after_xml(std::string_view raw, const Delimiters& delimiters, Differences& differences) {
  std::string out;
  const auto text = [&](std::string_view part) {
    for (const char c : part) {
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') {
        out += c;
        continue;
      }
      ++differences["control characters become \\X..\\"];
      constexpr std::string_view digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out.append({delimiters.escape, 'X', digits[byte >> 4U], digits[byte & 15U], delimiters.escape});
    }
  };
  EscapeTokens tokens(raw, delimiters);
  for (EscapeToken token; tokens.next(token);) {
    if (token.kind == EscapeKind::stray) {
      ++differences["an escape character that begins nothing becomes \\E\\"];
      out.append({delimiters.escape, 'E', delimiters.escape});
    } else if (token.kind == EscapeKind::text) {
      text(token.raw);
    } else {
      out += token.raw;
    }
  }
  return out;
}

/// The message as it must come back from XML.
std::string expected_after_xml(std::string_view bytes, Differences& differences) {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  std::string out;
  const Quirks quirks = message->quirks();
  for (const auto& [quirk, name] : {std::pair{Quirk::byte_order_mark, "the byte order mark is left out"},
                                    std::pair{Quirk::lf_terminator, "segments end in CR, not LF"},
                                    std::pair{Quirk::crlf_terminator, "segments end in CR, not CR LF"},
                                    std::pair{Quirk::no_final_terminator, "the last segment ends in CR"},
                                    std::pair{Quirk::empty_segment, "empty lines are left out"}}) {
    if (quirks.has(quirk)) ++differences[name];
  }
  for (std::uint32_t n = 0; n < message->segment_count(); ++n) {
    const SegmentView segment = message->segment(n);
    std::string_view raw = segment.raw();
    if (is_header(segment.key()) && segment.field_count() >= 2) {
      const std::size_t head = 4 + segment.field(2).raw().size();
      out += raw.substr(0, head);
      raw.remove_prefix(head);
    }
    // An escape sequence ends with its field; looked for from separator to separator.
    const Delimiters& d = message->delimiters();
    std::size_t from = 0;
    for (std::size_t at = 0; at <= raw.size(); ++at) {
      const char c = at < raw.size() ? raw[at] : d.field;
      if (c != 0 && (c == d.field || c == d.repetition || c == d.component || c == d.subcomponent)) {
        out += after_xml(raw.substr(from, at - from), d, differences);
        if (at < raw.size()) out += c;
        from = at + 1;
      }
    }
    out += '\r';
  }
  return out;
}

class Trip {
 public:
  /// False if the message could not be encoded; `differences` counts what XML changed.
  void there_and_back(const std::string& bytes, const std::string& what, Differences& differences) {
    SCOPED_TRACE(what);
    std::string source = bytes;
    Tree tree;
    const auto read = encoder_.read(source, Encoding::pipes, tree);
    ASSERT_TRUE(read) << read.error().text;
    std::fill(source.begin(), source.end(), '#');  // the tree has what it needs

    std::string out;
    ASSERT_TRUE(encoder_.write(tree, Encoding::pipes, out));
    ASSERT_EQ(out, bytes);

    Tree again;
    std::string document;
    ASSERT_TRUE(encoder_.write(tree, Encoding::json, document));
    auto back = encoder_.read(document, Encoding::json, again);
    ASSERT_TRUE(back) << back.error().text;
    ASSERT_TRUE(again == tree) << "another tree from JSON";
    ASSERT_TRUE(encoder_.write(again, Encoding::pipes, out));
    ASSERT_EQ(out, bytes) << "through JSON";

    const auto written = encoder_.write(tree, Encoding::xml, document);
    if (!written) {
      ASSERT_TRUE(written.error().text.ends_with("its name cannot name an XML element")) << written.error().text;
      ++differences["refused: a segment's name that cannot name an XML element"];
      ++trips_;
      return;
    }
    back = encoder_.read(document, Encoding::xml, again);
    ASSERT_TRUE(back) << back.error().text;
    ASSERT_TRUE(encoder_.write(again, Encoding::pipes, out));
    Differences here;
    const std::string wanted = expected_after_xml(bytes, here);
    ASSERT_EQ(out, wanted) << "through XML";
    ASSERT_TRUE(!here.empty() || again == tree) << "another tree from XML";
    ++trips_;
    if (here.empty()) ++same_;
    for (const auto& [name, count] : here) differences[name] += count;
  }

  void report(const std::string& what, const Differences& differences) const {
    std::cout << what << ": " << trips_ << " messages; through JSON all the same bytes, through XML " << same_ << "\n";
    for (const auto& [name, count] : differences) std::cout << "  " << name << ": " << count << "\n";
  }
  [[nodiscard]] std::size_t trips() const { return trips_; }
  [[nodiscard]] std::size_t same() const { return same_; }

 private:
  Encoder encoder_;
  std::size_t trips_ = 0, same_ = 0;
};

std::size_t check_folder(const std::filesystem::path& folder, Trip& trip, Differences& differences) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".hl7") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    trip.there_and_back(bytes, entry.path().filename().string(), differences);
    ++files;
  }
  return files;
}

TEST(RoundTrip, Fixtures) {
  Trip trip;
  Differences differences;
  const std::size_t files = check_folder(std::filesystem::path(SMARTHL7_SOURCE_DIR) / "stdlib/hl7/testdata", trip, differences);
  EXPECT_EQ(files, trip.trips());
  trip.report("fixtures", differences);
  EXPECT_GE(trip.trips(), 7U);
}

TEST(RoundTrip, ForeignMessages) {
  for (const char* beside : {"../shared/messages", "../../shared/messages"}) {
    const std::filesystem::path folder = std::filesystem::path(SMARTHL7_SOURCE_DIR) / beside;
    if (!std::filesystem::exists(folder)) continue;
    Trip trip;
    Differences differences;
    const std::size_t files = check_folder(folder, trip, differences);
    EXPECT_EQ(files, trip.trips());
    trip.report("foreign messages", differences);
    return;
  }
  std::cout << "no foreign messages stand beside the tree; the fixtures and generated ones were checked\n";
}

TEST(RoundTrip, EveryStructureOfEveryVersion) {
  Trip trip;
  Differences differences;
  std::size_t structures = 0;
  for (std::size_t v = 0; v < version_count(); ++v) {
    const Version version = version_at(v);
    testing::MessageGenerator generator(version);
    for (std::size_t s = 0; s < version.structure_count(); ++s) {
      ++structures;
      for (std::uint64_t n = 0; n < 3; ++n) {
        const std::string what = std::string(version.name()) + " " + std::string(version.structure_at(s).name());
        trip.there_and_back(generator.make(version.structure_at(s), n), what, differences);
      }
    }
  }
  std::cout << version_count() << " versions, " << structures << " structures\n";
  trip.report("generated messages", differences);
  EXPECT_EQ(trip.trips(), 3 * structures);
  EXPECT_EQ(trip.same(), trip.trips());  // nothing that XML would have to change
}

/// The same with what senders do beyond the standard: separators at the end, other line ends, segments moved and repeated,
/// stray escape characters, control characters, empty repetitions.
TEST(RoundTrip, DisfiguredMessages) {
  Trip trip;
  Differences differences;
  testing::Seeded draw(11);
  constexpr std::string_view kInserts[] = {"|",    "||", "^",  "&",       "~", "\\", "\x01", "\r",
                                           "\"\"", "^^", "~~", "\\.br\\", " ", "\t", "#"};
  for (std::size_t v = 0; v < version_count(); ++v) {
    const Version version = version_at(v);
    testing::MessageGenerator generator(version, {.optional_segments = 20, .most_segments = 25});
    for (std::uint64_t n = 0; n < 150; ++n) {
      std::string bytes = generator.make(version.structure_at(draw.below(version.structure_count())), n);
      const std::size_t body = bytes.find('\r') + 1;
      for (std::size_t changes = 1 + draw.below(8); changes > 0; --changes) {
        const std::string_view insert = kInserts[draw.below(std::size(kInserts))];
        std::size_t at = body + draw.below(bytes.size() - body + 1);
        if (draw.below(2) == 0) at = std::min(bytes.find('\r', at), bytes.size());
        while (at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0U) == 0x80U) ++at;
        if (at > body + 4 && bytes[at - 1] != '\r') bytes.insert(at, insert);
      }
      if (draw.below(3) == 0) bytes.pop_back();
      if (draw.below(5) == 0) std::replace(bytes.begin(), bytes.end(), '\r', '\n');
      trip.there_and_back(bytes, std::string(version.name()) + " disfigured " + std::to_string(n), differences);
    }
  }
  trip.report("disfigured messages", differences);
  EXPECT_GT(trip.trips(), 60U * version_count());
}

TEST(RoundTrip, AMessageInAnotherCharacterSetComesBackInIt) {
  Encoder encoder;
  const std::string latin = "MSH|^~\\&|A||||||ADT^A04|1|P|2.5.1||||||8859/1\rEVN|A04|2026\rPID|||1||M\xFCller^Andr\xE9\r";
  std::string document;
  std::string back;
  for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
    ASSERT_TRUE(encoder.convert(latin, Encoding::pipes, encoding, document));
    EXPECT_NE(document.find("M\xC3\xBCller"), std::string::npos);
    ASSERT_TRUE(encoder.convert(document, encoding_of(document), Encoding::pipes, back));
    EXPECT_EQ(back, latin);
  }
  // What the set does not have is refused with its place.
  document.replace(document.find("M\xC3\xBCller"), 7, "M\xE2\x82\xACller");
  const auto refused = encoder.convert(document, Encoding::json, Encoding::pipes, back);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("PID-5"), std::string::npos) << refused.error().text;
}

TEST(RoundTrip, BytesOutsideTheDeclaredSetAreRefusedWithTheirPlace) {
  Encoder encoder;
  std::string out;
  for (const char* set : {"", "UNICODE UTF-8", "ASCII"}) {
    const std::string bytes = std::string("MSH|^~\\&|A||||||ADT^A04|1|P|2.5.1||||||") + set + "\rPID|||1||M\xFCller\r";
    for (const Encoding encoding : {Encoding::xml, Encoding::json}) {
      const auto refused = encoder.convert(bytes, Encoding::pipes, encoding, out);
      ASSERT_FALSE(refused) << set;
      EXPECT_NE(refused.error().text.find("PID-5"), std::string::npos) << refused.error().text;
    }
  }
}

TEST(Encoding, IsToldByTheFirstBytes) {
  EXPECT_EQ(encoding_of("MSH|"), Encoding::pipes);
  EXPECT_EQ(encoding_of(""), Encoding::pipes);
  EXPECT_EQ(encoding_of("\xEF\xBB\xBF\n <a/>"), Encoding::xml);
  EXPECT_EQ(encoding_of(" {"), Encoding::json);
  EXPECT_EQ(encoding_of("["), Encoding::json);
  for (const Encoding encoding : {Encoding::pipes, Encoding::xml, Encoding::json})
    EXPECT_EQ(find_encoding(name_of(encoding)), encoding);
  EXPECT_FALSE(find_encoding("er7"));
}

}  // namespace
}  // namespace smarthl7::hl7

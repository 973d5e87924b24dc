// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/editor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "stdlib/hl7/escape.h"
#include "tests/support/oru_generator.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

std::string written(Editor& editor) {
  std::string out;
  editor.write(out);
  return out;
}

std::string edited(std::string_view bytes, const std::function<void(Editor&)>& edit) {
  const auto message = Message::parse(bytes);
  EXPECT_TRUE(message);
  if (!message) return {};
  Editor editor(*message);
  edit(editor);
  return written(editor);
}

const std::string kHead = "MSH|^~\\&|A\r";
std::string body(std::string_view segment, const Location& place, std::string_view text) {
  const std::string out =
      edited(kHead + std::string(segment), [&](Editor& editor) { EXPECT_TRUE(editor.set_text(place, text)); });
  EXPECT_TRUE(out.starts_with(kHead));
  return out.substr(std::min(out.size(), kHead.size()));
}

TEST(Editor, SetsWhatIsThereAndMakesWhatIsMissing) {
  EXPECT_EQ(body("PID|1||X\r", {1, 1, 0, 0, 0}, "2"), "PID|2||X\r");
  EXPECT_EQ(body("PID|1\r", {1, 5, 0, 0, 0}, "X"), "PID|1||||X\r");
  EXPECT_EQ(body("PID", {1, 2, 0, 0, 0}, "X"), "PID||X");
  EXPECT_EQ(body("PID|a^b\r", {1, 1, 0, 4, 0}, "X"), "PID|a^b^^X\r");
  EXPECT_EQ(body("PID|a^b\r", {1, 1, 0, 2, 2}, "X"), "PID|a^b&X\r");
  EXPECT_EQ(body("PID|a^b\r", {1, 1, 3, 2, 0}, "X"), "PID|a^b~~^X\r");
  EXPECT_EQ(body("PID|a~b~c\r", {1, 1, 2, 0, 0}, "X"), "PID|a~X~c\r");
  EXPECT_EQ(body("PID|a~b~c|d\r", {1, 1, 0, 0, 0}, "X"), "PID|X|d\r");
  EXPECT_EQ(body("PID|a^b&c&d^e|d\r", {1, 1, 1, 2, 2}, "X"), "PID|a^b&X&d^e|d\r");
  EXPECT_EQ(body("PID||\r\n", {1, 2, 0, 0, 3}, "X"), "PID||&&X\r\n");
}

TEST(Editor, ASecondHeaderIsCountedAsAHeader) {
  EXPECT_EQ(body("MSH\r", {1, 4, 0, 0, 0}, "X"), "MSH|||X\r");  // found by the fuzzer
  EXPECT_EQ(body("BHS|^\r", {1, 4, 0, 0, 0}, "X"), "BHS|^||X\r");
}

TEST(Editor, TextIsEncoded) {
  EXPECT_EQ(body("PID|a\r", {1, 1, 0, 0, 0}, "x|y\r^&~\\"), "PID|x\\F\\y\\X0D\\\\S\\\\T\\\\R\\\\E\\\r");
  EXPECT_EQ(body("PID|a\r", {1, 1, 0, 0, 0}, "\"\""), "PID|\\X22\\\"\r");
  EXPECT_EQ(body("PID|\"\"\r", {1, 1, 0, 0, 0}, "\"\""), "PID|\\X22\\\"\r");
  EXPECT_EQ(body("PID|\"\"\r", {1, 1, 0, 0, 0}, ""), "PID|\r");
}

TEST(Editor, SettingWhatIsThereChangesNothing) {
  EXPECT_EQ(body("PID|a\\X41\\b|\r", {1, 1, 0, 0, 0}, "aAb"), "PID|a\\X41\\b|\r");
  EXPECT_EQ(body("PID|a\r", {1, 9, 0, 0, 0}, ""), "PID|a\r");
  EXPECT_EQ(body("PID|a\r", {1, 1, 4, 2, 2}, ""), "PID|a\r");
  EXPECT_EQ(edited(kHead + "PID|a",
                   [](Editor& editor) {
                     EXPECT_TRUE(editor.set_raw({1, 1, 0, 0, 0}, "a"));
                     editor.clear({1, 7, 0, 0, 0});
                     EXPECT_TRUE(editor.empty());
                   }),
            kHead + "PID|a");
}

TEST(Editor, NullClearAndRemove) {
  const auto run = [](const std::function<void(Editor&)>& edit) {
    return edited(kHead + "PID|a~b~c|d^e|\r", edit).substr(kHead.size());
  };
  EXPECT_EQ(run([](Editor& e) { EXPECT_TRUE(e.set_null({1, 1, 0, 0, 0})); }), "PID|\"\"|d^e|\r");
  EXPECT_EQ(run([](Editor& e) { e.clear({1, 2, 0, 1, 0}); }), "PID|a~b~c|^e|\r");
  EXPECT_EQ(run([](Editor& e) { e.remove_repetition({1, 1, 2, 0, 0}); }), "PID|a~c|d^e|\r");
  EXPECT_EQ(run([](Editor& e) { e.remove_repetition({1, 1, 1, 0, 0}); }), "PID|b~c|d^e|\r");
  EXPECT_EQ(run([](Editor& e) {
              for (std::uint16_t n = 1; n <= 3; ++n) e.remove_repetition({1, 1, n, 0, 0});
            }),
            "PID||d^e|\r");
  EXPECT_EQ(run([](Editor& e) { e.remove_repetition({1, 1, 9, 0, 0}); }), "PID|a~b~c|d^e|\r");
}

TEST(Editor, SeveralChangesInOnePass) {
  const std::string out = edited(kHead + "PID|a^b~c|d\rNTE|1\rOBX|1|NM\n", [](Editor& editor) {
    EXPECT_TRUE(editor.set_text({3, 2, 0, 0, 0}, "ST"));
    EXPECT_TRUE(editor.set_text({1, 1, 2, 2, 0}, "Y"));
    EXPECT_TRUE(editor.set_text({1, 1, 1, 2, 0}, "X"));
    EXPECT_TRUE(editor.set_text({1, 4, 0, 0, 0}, "Z"));
    EXPECT_TRUE(editor.set_text({1, 6, 0, 0, 0}, "W"));
    editor.delete_segment(2);
    EXPECT_TRUE(editor.set_text({2, 1, 0, 0, 0}, "has no effect"));
    EXPECT_TRUE(editor.set_text({0, 4, 0, 0, 0}, "F"));
  });
  EXPECT_EQ(out, "MSH|^~\\&|A|F\rPID|a^X~c^Y|d||Z||W\rOBX|1|ST\n");
}

TEST(Editor, InsertedSegmentsTakeTheirNeighboursTerminator) {
  const auto insert = [](std::uint32_t after) {
    return [after](Editor& editor) {
      editor.insert_segment_after(after, "ZA1|1");
      editor.insert_segment_after(after, "ZA2|2");
    };
  };
  EXPECT_EQ(edited("MSH|^~\\&|A\r\nPID|1\r\n", insert(0)), "MSH|^~\\&|A\r\nZA1|1\r\nZA2|2\r\nPID|1\r\n");
  EXPECT_EQ(edited("MSH|^~\\&|A\nPID|1", insert(1)), "MSH|^~\\&|A\nPID|1\nZA1|1\nZA2|2");
  EXPECT_EQ(edited("MSH|^~\\&|A", insert(0)), "MSH|^~\\&|A\rZA1|1\rZA2|2");
  EXPECT_EQ(edited("MSH|^~\\&|A\rPID|1\r\r",
                   [](Editor& editor) {
                     editor.delete_segment(1);
                     editor.insert_segment_after(1, "ZA1");
                   }),
            "MSH|^~\\&|A\rZA1\r\r");
}

TEST(Editor, ADelimiterThatTheSenderDoesNotHaveIsNotInvented) {
  const auto message = Message::parse("MSH|&~|A\rPID|a&b\r");  // no subcomponent separator
  ASSERT_TRUE(message);
  Editor editor(*message);
  EXPECT_FALSE(editor.set_raw({1, 1, 0, 2, 2}, "X"));
  EXPECT_FALSE(editor.set_text({1, 1, 0, 2, 2}, "X"));
  EXPECT_TRUE(editor.set_text({1, 1, 0, 2, 1}, "X"));
  EXPECT_EQ(written(editor), "MSH|&~|A\rPID|a&X\r");
}

TEST(EditorDeathTest, EditsThatTouchTheSamePlaceAreABug) {
  const auto message = Message::parse("MSH|^~\\&|A\rPID|a^b\r");
  ASSERT_TRUE(message);
  const auto both = [&](const Location& a, const Location& b) {
    Editor editor(*message);
    static_cast<void>(editor.set_raw(a, "1"));
    static_cast<void>(editor.set_raw(b, "2"));
    written(editor);
  };
  EXPECT_DEATH(both({1, 1, 0, 0, 0}, {1, 1, 0, 2, 0}), "same place");
  EXPECT_DEATH(both({1, 1, 1, 2, 0}, {1, 1, 0, 2, 0}), "same place");
  EXPECT_DEATH(both({0, 2, 0, 0, 0}, {1, 1, 0, 2, 0}), "delimiters");
}

// ---- whole messages

void expect_only_that_field_differs(const std::string& bytes) {
  const auto message = Message::parse(bytes);
  ASSERT_TRUE(message);
  Editor untouched(*message);
  ASSERT_EQ(written(untouched), bytes);
  testing::Seeded draw(bytes.size());
  for (int round = 0; round < 20; ++round) {
    const auto index = static_cast<std::uint32_t>(draw() % message->segment_count());
    const auto field = static_cast<std::uint16_t>((index == 0 ? 3 : 1) + draw() % 40);
    Editor editor(*message);
    ASSERT_TRUE(editor.set_text({index, field, 0, 0, 0}, "CHANGED|HERE"));
    const std::string out = written(editor);
    const auto after = Message::parse(out);
    ASSERT_TRUE(after);
    ASSERT_EQ(after->segment_count(), message->segment_count());
    ASSERT_EQ(decoded(after->raw({index, field, 0, 0, 0}), after->delimiters()), "CHANGED|HERE");
    for (std::uint32_t other = 0; other < message->segment_count(); ++other) {
      ASSERT_TRUE(other == index || after->segment(other).raw() == message->segment(other).raw());
    }
    const SegmentView before = message->segment(index);
    const SegmentView now = after->segment(index);
    ASSERT_EQ(now.field_count(), std::max<std::size_t>(before.field_count(), field));
    for (std::size_t number = 1; number <= now.field_count(); ++number) {
      ASSERT_TRUE(number == field || now.field(number).raw() == before.field(number).raw());
    }
    // And byte for byte: what stands before and after the place is what stood there.
    const std::string_view place = after->raw({index, field, 0, 0, 0});
    const auto begin = static_cast<std::size_t>(place.data() - out.data());
    if (field <= before.field_count()) {
      const std::string_view old = before.field(field).raw();
      const auto old_begin = static_cast<std::size_t>(old.data() - message->bytes().data());
      ASSERT_EQ(out.substr(0, begin), bytes.substr(0, old_begin));
      ASSERT_EQ(out.substr(begin + place.size()), bytes.substr(old_begin + old.size()));
    }
  }
}

std::string file_content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

void check_folder(const std::filesystem::path& folder, std::size_t expected) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".hl7") continue;
    ++files;
    SCOPED_TRACE(entry.path().filename().string());
    ASSERT_NO_FATAL_FAILURE(expect_only_that_field_differs(file_content(entry.path())));
  }
  EXPECT_EQ(files, expected);
}

TEST(Editor, OurFixturesComeOutByteForByteButForTheChangedField) {
  check_folder(std::filesystem::path(SMARTHL7_SOURCE_DIR) / "stdlib/hl7/testdata", 7);
}

TEST(Editor, ForeignMessagesComeOutByteForByteButForTheChangedField) {
  const std::filesystem::path folder = std::filesystem::path(SMARTHL7_SOURCE_DIR) / "../shared/messages";
  if (!std::filesystem::exists(folder)) {  // a check beside the committed fixtures, where such a folder stands next to the tree
    check_folder(std::filesystem::path(SMARTHL7_SOURCE_DIR) / "stdlib/hl7/testdata", 7);
    return;
  }
  check_folder(folder, 63);
}

TEST(Editor, GeneratedMessagesComeOutByteForByteButForTheChangedField) {
  for (std::uint64_t n = 0; n < 50; ++n) {
    ASSERT_NO_FATAL_FAILURE(expect_only_that_field_differs(testing::make_oru({}, n)));
  }
}

TEST(Editor, RandomEditsOnRandomBytesDoWhatTheySay) {
  testing::Seeded draw(7);
  constexpr std::string_view kAlphabet = "|||^^~~\\&&\r\n\"ABCPID12";
  std::size_t edits = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = "MSH|^~\\&|";
    const std::size_t size = draw() % 120;
    for (std::size_t n = 0; n < size; ++n) bytes.push_back(kAlphabet[draw() % kAlphabet.size()]);
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    const auto small = [&] { return static_cast<std::uint16_t>(draw() % 4); };
    Location place{static_cast<std::uint32_t>(draw() % message->segment_count()), 0, small(), small(), small()};
    const bool header = message->segment(place.segment).name() == "MSH";
    place.field = static_cast<std::uint16_t>((header ? 3 : 1) + draw() % 5);
    if (place.subcomponent > 0) place.component = std::max<std::uint16_t>(1, place.component);
    std::string text;
    for (std::size_t n = draw() % 5; n > 0; --n) text.push_back(kAlphabet[draw() % kAlphabet.size()]);
    Editor editor(*message);
    ASSERT_TRUE(editor.set_text(place, text));
    if (!editor.empty()) ++edits;
    const std::string out = written(editor);
    const auto after = Message::parse(out);
    ASSERT_TRUE(after);
    ASSERT_EQ(after->segment_count(), message->segment_count());
    ASSERT_EQ(decoded(after->raw(place), after->delimiters()), text) << bytes;
    ASSERT_TRUE(!editor.empty() || out == bytes);
  }
  EXPECT_GT(edits, 5000U);
}

}  // namespace
}  // namespace smarthl7::hl7

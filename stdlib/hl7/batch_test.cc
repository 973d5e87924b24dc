// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stdlib/hl7/batch_writer.h"
#include "tests/support/seeded.h"

namespace smarthl7::hl7 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kA = "MSH|^~\\&|A|B|C|D|20261123||ADT^A01|1|P|2.5\rPID|1||1001\r";
constexpr std::string_view kB = "MSH|^~\\&|A|B|C|D|20261123||ADT^A08|2|P|2.5\rPID|1||1002\r";

struct Read {
  std::vector<std::string> messages;
  std::vector<std::string> places;
  std::vector<BatchProblem> problems;
  std::vector<std::string> texts;

  friend bool operator==(const Read&, const Read&) = default;
};

void drain(BatchReader& reader, Read& read, BatchReader::Step until) {
  BatchItem item;
  BatchReader::Step step{};
  while ((step = reader.next(item)) == BatchReader::Step::message) {
    read.messages.emplace_back(item.bytes);
    read.places.push_back(describe(item.place));
  }
  EXPECT_EQ(step, until);
}

void finish(const BatchReader& reader, Read& read) {
  for (const BatchFinding& finding : reader.findings()) {
    read.problems.push_back(finding.problem);
    read.texts.push_back(finding.text);
  }
}

Read read_all(std::string_view bytes) {
  Read read;
  BatchReader reader(bytes);
  drain(reader, read, BatchReader::Step::end);
  finish(reader, read);
  return read;
}

Read read_in_pieces(std::string_view bytes, std::size_t piece) {
  Read read;
  BatchReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    drain(reader, read, BatchReader::Step::need_more);
  }
  reader.finish();
  drain(reader, read, BatchReader::Step::end);
  finish(reader, read);
  return read;
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

TEST(Batch, AWholeFileWithTwoBatches) {
  const std::string file = join({"FHS|^~\\&|LAB|NORTH\r", "BHS|^~\\&|LAB||||20261123||one||B1\r", kA, kB, "BTS|2\r",
                                 "BHS|^~\\&|LAB||||20261123||two||B2\r", kB, "BTS|1|all\r", "FTS|2\r"});
  const Read read = read_all(file);
  EXPECT_THAT(read.messages, ElementsAre(kA, kB, kB));
  EXPECT_THAT(read.places,
              ElementsAre("file 1, batch 1, message 1", "file 1, batch 1, message 2", "file 1, batch 2, message 1"));
  EXPECT_THAT(read.texts, IsEmpty());
  BatchReader reader(file);
  BatchItem item;
  ASSERT_EQ(reader.next(item), BatchReader::Step::message);
  EXPECT_EQ(reader.file_header().field(3), "LAB");
  EXPECT_EQ(reader.file_header().field(1), "|");
  EXPECT_EQ(reader.file_header().field(2), "^~\\&");
  EXPECT_EQ(reader.batch_header().field(9), "one");
  EXPECT_EQ(reader.batch_header().field(11), "B1");
  EXPECT_EQ(reader.batch_header().field(12), "");
  EXPECT_EQ(item.place.offset, file.find("MSH"));
  EXPECT_EQ(item.bytes.data(), file.data() + item.place.offset) << "a whole is not copied";
}

TEST(Batch, MessagesWithoutAnyHeader) {
  const Read read = read_all(join({kA, kB}));
  EXPECT_THAT(read.messages, ElementsAre(kA, kB));
  EXPECT_THAT(read.places, ElementsAre("message 1", "message 2"));
  EXPECT_THAT(read.texts, IsEmpty());
}

TEST(Batch, BatchWithoutFileAndFileWithoutBatch) {
  EXPECT_THAT(read_all(join({"BHS|^~\\&\r", kA, "BTS|1\r"})).texts, IsEmpty());
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", kA, kB, "FTS|1\r"})).texts, IsEmpty()) << "BHS may be left out";
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", kA, kB, "FTS|0\r"})).texts, IsEmpty());
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", kA, kB, "FTS\r"})).texts, IsEmpty()) << "counts are optional";
}

TEST(Batch, LineEndsMarksAndFramesAreTolerated) {
  const std::string lf = "MSH|^~\\&|A\nPID|1\n";
  const std::string crlf = "MSH|^~\\&|A\r\nPID|1\r\n";
  EXPECT_THAT(read_all("\xEF\xBB\xBF"
                       "BHS|^~\\&\n" +
                       lf + "\n\n" + lf + "BTS|2\n")
                  .messages,
              ElementsAre(lf, lf));
  EXPECT_THAT(read_all("FHS|^~\\&\r\nBHS|^~\\&\r\n" + crlf + crlf + "BTS|2\r\nFTS|1\r\n").messages, ElementsAre(crlf, crlf));
  const Read framed = read_all(join({"\x0B", "BHS|^~\\&\r", kA, "\x1C\r\x0B", kB, "BTS|2\r\x1C\r"}));
  EXPECT_THAT(framed.messages, ElementsAre(kA, kB));
  EXPECT_THAT(framed.texts, IsEmpty());
  EXPECT_THAT(read_all("\x0BMSH|^~\\&|A\rPID|1\x1C\r").messages, ElementsAre("MSH|^~\\&|A\rPID|1"));
  EXPECT_THAT(read_all("MSH|^~\\&|A\rPID|1").messages, ElementsAre("MSH|^~\\&|A\rPID|1")) << "no final terminator";
}

TEST(Batch, CountsThatAreWrong) {
  const Read read = read_all(join({"FHS|^~\\&\r", "BHS|^~\\&\r", kA, "BTS|2\r", "FTS|x\r"}));
  EXPECT_THAT(read.problems, ElementsAre(BatchProblem::wrong_count, BatchProblem::unreadable_count));
  EXPECT_THAT(read.texts, ElementsAre("BTS-1 is the number of messages: there are 1", "FTS-1 is the number of batches"));
  EXPECT_THAT(read_all(join({"BHS|^~\\&\r", kA, "BTS|99999999999\r"})).problems, ElementsAre(BatchProblem::unreadable_count));
  EXPECT_THAT(read_all(join({"BHS$%~!@\r", kA, "BTS$ 1 \r"})).texts, IsEmpty()) << "its own separator";
}

TEST(Batch, WhatIsMissingOrExtra) {
  using enum BatchProblem;
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", "BHS|^~\\&\r", kA})).problems, ElementsAre(batch_not_ended, file_not_ended));
  EXPECT_THAT(read_all(join({"BHS|^~\\&\r", kA, "BHS|^~\\&\r", kB, "BTS|1\r"})).problems, ElementsAre(batch_not_ended));
  EXPECT_THAT(read_all(join({kA, "BTS|1\r", "FTS|1\r"})).problems, ElementsAre(batch_not_begun, file_not_begun));
  EXPECT_THAT(read_all(join({"BHS|^~\\&\r", kA, "FTS|1\r"})).problems, ElementsAre(batch_not_ended, file_not_begun));
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", kA, "BHS|^~\\&\r", kB, "BTS|1\r", "FTS|2\r"})).problems,
              ElementsAre(messages_beside));
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", kA, "FTS|1\r", kB})).problems, ElementsAre(after_end));
  EXPECT_THAT(read_all(join({"FHS|^~\\&\r", kA, "FTS|1\r", "FHS|^~\\&\r", kB, "FTS|1\r"})).problems, IsEmpty())
      << "two files in one";
  EXPECT_THAT(read_all(join({"BHS|^~\\&\r", "BTS|0\r"})).problems, ElementsAre(empty_batch, nothing));
  EXPECT_THAT(read_all(join({"PID|1\r", kA})).problems, ElementsAre(outside));
  EXPECT_THAT(read_all("").problems, ElementsAre(nothing));
  EXPECT_THAT(read_all("hello").problems, ElementsAre(outside, nothing));
}

TEST(Batch, AFindingKnowsItsPlace) {
  const std::string file = join({"BHS|^~\\&\r", kA, kB, "BTS|3\r"});
  BatchReader reader(file);
  BatchItem item;
  while (reader.next(item) == BatchReader::Step::message) {
  }
  ASSERT_EQ(reader.findings().size(), 1U);
  const BatchFinding& finding = reader.findings()[0];
  EXPECT_EQ(finding.segment_name, "BTS");
  EXPECT_EQ(finding.place.batch, 1U);
  EXPECT_EQ(finding.place.message, 2U);
  EXPECT_EQ(finding.place.offset, file.find("BTS"));
}

TEST(Batch, NamesInsideOfTextAreNoHeaders) {
  const std::string message = "MSH|^~\\&|A\rBTSX|1\rFTSQ\rMSHA|1\rNTE|1||BTS|FHS|\r";
  const Read read = read_all(message);
  EXPECT_THAT(read.messages, ElementsAre(message));
  EXPECT_THAT(read.texts, IsEmpty());
}

TEST(Batch, PiecesGiveWhatTheWholeGives) {
  const std::string inputs[] = {
      join({"\xEF\xBB\xBF", "FHS|^~\\&|LAB\r", "BHS|^~\\&\r", kA, kB, "BTS|3\r", "BHS|^~\\&\r", "BTS\r", "FTS|9\r\n\n"}),
      join({"\x0B", kA, "\x1C\r\x0B", kB, "\x1C\r"}),
      join({kA, "\r\n\r\n", kB, "PID"}),
      "MSH",
      "MSH|",
      "BTS",
      "\xEF\xBB",
      join({"BHS|^~\\&\nMSH|a\r\nPID|1\r\n\r\nBTS|1"})};
  for (const std::string& input : inputs) {
    const Read whole = read_all(input);
    for (std::size_t piece = 1; piece <= 17; ++piece) EXPECT_EQ(read_in_pieces(input, piece), whole) << piece << ": " << input;
  }
}

TEST(Batch, EveryByteIsInAMessageOrSaidToBeOutside) {
  testing::Seeded random(11);
  const std::vector<std::string_view> parts = {"MSH|^~\\&|A\r", "PID|1\r", "BHS|^~\\&\r", "BTS|1\r", "FHS|^~\\&\r",
                                               "FTS|1\r",       "\r",      "\x0B",        "\x1C\r",  "x\r"};
  for (int round = 0; round < 2000; ++round) {
    std::string input;
    std::size_t messages = 0;
    for (std::uint64_t n = random.below(12); n > 0; --n) {
      const std::string_view part = random.one_of(parts);
      messages += part.starts_with("MSH") ? 1U : 0U;
      input += part;
    }
    const Read whole = read_all(input);
    EXPECT_EQ(whole.messages.size(), messages) << input;
    EXPECT_EQ(read_in_pieces(input, 1 + random.below(9)), whole) << input;
  }
}

TEST(Batch, FindingsAreCounted) {
  std::string input;
  for (int n = 0; n < 1500; ++n) input += "x\r";
  BatchReader reader(input);
  BatchItem item;
  EXPECT_EQ(reader.next(item), BatchReader::Step::end);
  EXPECT_EQ(reader.findings().size(), BatchReader::kMostFindings);
  EXPECT_EQ(reader.finding_count(), 1501U);
}

TEST(Batch, BeginsBatch) {
  EXPECT_TRUE(begins_batch("FHS|^~\\&"));
  EXPECT_TRUE(begins_batch("\xEF\xBB\xBF\r\nBHS|^~\\&"));
  EXPECT_FALSE(begins_batch(kA));
  EXPECT_FALSE(begins_batch("BHSX"));
  EXPECT_FALSE(begins_batch("BHS"));
  EXPECT_FALSE(begins_batch("BTS|1"));
}

TEST(BatchWriter, WhatIsCollectedReadsBack) {
  std::string out;
  BatchWriter writer(out);
  writer.begin_file({.sending_application = "HUB", .created = "20261123", .name = "night|run", .control_id = "F1"});
  writer.begin_batch({.sending_application = "HUB", .comment = "a & b", .control_id = "B1"});
  ASSERT_TRUE(writer.add(kA));
  ASSERT_TRUE(writer.add("MSH|^~\\&|A\nPID|1"));
  writer.end_batch("done");
  writer.begin_batch({.control_id = "B2"});
  ASSERT_TRUE(writer.add(kB));
  writer.end_batch();
  writer.end_file();
  EXPECT_EQ(out, join({"FHS|^~\\&|HUB||||20261123||night\\F\\run||F1\r", "BHS|^~\\&|HUB|||||||a \\T\\ b|B1\r", kA,
                       "MSH|^~\\&|A\nPID|1\r", "BTS|2|done\r", "BHS|^~\\&|||||||||B2\r", kB, "BTS|1\r", "FTS|2\r"}));
  const Read read = read_all(out);
  EXPECT_THAT(read.messages, ElementsAre(kA, "MSH|^~\\&|A\nPID|1\r", kB));
  EXPECT_THAT(read.texts, IsEmpty());
}

TEST(BatchWriter, RefusesWhatIsNotOneMessage) {
  std::string out;
  BatchWriter writer(out);
  for (const std::string& wrong : {std::string(), std::string("PID|1\r"), join({kA, kB}), join({kA, "BTS|1\r"}),
                                   std::string("MSHX|1\r"), std::string("MSH|^~\\&|A\x1C\r"), std::string("\x0BMSH|^~\\&")}) {
    EXPECT_FALSE(writer.add(wrong)) << wrong;
  }
  EXPECT_EQ(out, "");
  EXPECT_EQ(writer.messages(), 0U);
}

TEST(BatchWriter, AnswersABatch) {
  const BatchSegment received("BHS|^~\\&|LAB^1^ISO|NORTH|HUB|REGION|20261123||nightly||B77", '|');
  std::string out;
  BatchWriter writer(out, received.delimiters());
  writer.begin_batch(answer_header(received, "20261124", "A1", "1 of 2 refused"));
  ASSERT_TRUE(writer.add("MSH|^~\\&|HUB|||||| ACK|9|P|2.5\rMSA|AA|1\r"));
  writer.end_batch();
  EXPECT_EQ(out,
            "BHS|^~\\&|HUB|REGION|LAB^1^ISO|NORTH|20261124|||1 of 2 refused|A1|B77\r"
            "MSH|^~\\&|HUB|||||| ACK|9|P|2.5\rMSA|AA|1\rBTS|1\r");
}

}  // namespace
}  // namespace smarthl7::hl7

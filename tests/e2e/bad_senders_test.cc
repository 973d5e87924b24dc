// SPDX-License-Identifier: Apache-2.0
// Senders that break every rule, and what they and everybody else get: the second table of docs/operate/misbehaviour.md. After
// each fault a good sender is answered as if nothing had been.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/e2e/misbehaviour.h"
#include "tests/support/oru_generator.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

class BadSender : public Misbehaviour {
 protected:
  void SetUp() override {
    receive_well();
    run_hub();
    ASSERT_TRUE(line_.connect(port_));
  }

  /// The next answer on the line; empty: none.
  std::string answer(int seconds = 10) {
    std::string message;
    return line_.read_frame(message, seconds) ? message : std::string();
  }
  std::string ask(const std::string& message) { return line_.write_frame(message) ? answer() : std::string(); }

  /// Nothing of it was stored: a good sender's message is the first, and is delivered.
  void good_sender(std::uint64_t id = 1) {
    EXPECT_EQ(send(1000), "AA");
    EXPECT_EQ(end_of(id), "delivered");
  }

  Line line_;
};

std::string with(std::string message, const std::string& from, const std::string& to) {
  const auto at = message.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return message.replace(at, from.size(), to);
}

TEST_F(BadSender, Floods) {
  constexpr std::uint64_t kMessages = 3000;
  std::thread writer([&] {
    for (std::uint64_t n = 1; n <= kMessages; ++n)
      if (!line_.write_frame(make_oru({}, n))) return;
  });
  std::uint64_t in_order = 0;
  for (std::uint64_t n = 1; n <= kMessages; ++n) {
    const auto [code, id] = msa_of(answer(30));
    if (code == "AA" && id == oru_control_id({}, n)) ++in_order;
  }
  writer.join();
  EXPECT_EQ(in_order, kMessages);
  EXPECT_EQ(end_of(kMessages), "delivered");
  ASSERT_TRUE(counted("destinations", "delivered", kMessages));
  EXPECT_EQ(arrived(), static_cast<int>(kMessages));
  row(Side::sender, fmt::format("sends {} messages without waiting for answers", kMessages),
      fmt::format("{} AA, in order", in_order), {1, kMessages});
}

TEST_F(BadSender, AByteAtATime) {
  const std::string frame = "\x0b" + make_oru({}, 1) + "\x1c\r";
  std::size_t written = 0;
  for (; written < 200 && line_.write_raw(frame.substr(written, 1)); ++written) std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(line_.ends(10));
  EXPECT_LT(written, 60U);
  good_sender();
  row(Side::sender, "sends a byte each 50 ms (a good sender's message 1 after it)", "the connection closed after 1 s", {1});
}

TEST_F(BadSender, TooLarge) {
  std::string message = make_oru({}, 1);
  message += "NTE|1||" + std::string(5 << 20, 'x') + "\r";
  static_cast<void>(line_.write_frame(message));
  EXPECT_TRUE(line_.ends(10));
  good_sender();
  row(Side::sender, "sends more than `largest` (a good sender's message 1 after it)", "the connection closed", {1});
}

TEST_F(BadSender, NeverEnds) {
  const std::string chunk(64 << 10, 'A');
  static_cast<void>(line_.write_raw("\x0b" + make_oru({}, 1)));
  const auto most = std::chrono::steady_clock::now() + 20s;
  bool taken = true;
  while (taken && std::chrono::steady_clock::now() < most) taken = line_.write_raw(chunk);
  EXPECT_FALSE(taken) << "the hub reads on for ever";
  EXPECT_TRUE(line_.ends(10));
  good_sender();
  row(Side::sender, "sends a frame that never ends (a good sender's message 1 after it)", "the connection closed", {1});
}

TEST_F(BadSender, BeginsAFrameAndIsSilent) {
  ASSERT_TRUE(line_.write_raw("\x0b" + make_oru({}, 1).substr(0, 700)));
  EXPECT_TRUE(line_.ends(10));
  good_sender();
  row(Side::sender, "begins a frame and is silent (a good sender's message 1 after it)", "the connection closed after 1 s",
      {1});
}

TEST_F(BadSender, StartInsideOfAFrame) {
  const std::string message = make_oru({}, 1);
  ASSERT_TRUE(line_.write_raw("\x0b" + message.substr(0, 700)));
  ASSERT_TRUE(line_.write_raw("\x0b" + message + "\x1c\r"));
  EXPECT_TRUE(line_.ends(10));
  good_sender();
  EXPECT_EQ(arrived(), 1);
  row(Side::sender, "VT inside a frame (a good sender's message 1 after it)", "the connection closed, no answer", {1});
}

TEST_F(BadSender, NoHeader) {
  const std::string got = ask("PID|1||123\r");
  EXPECT_EQ(told(got), "AR, MSA-2 empty, ERR-3 100");
  EXPECT_EQ(msa_of(ask(make_oru({}, 5))).first, "AA");  // on the same connection
  EXPECT_EQ(end_of(2), "delivered");
  row(Side::sender, "a frame without MSH, then a good message", told(got) + "; then AA", {1, 2});
}

TEST_F(BadSender, NoControlId) {
  const std::string got = ask(with(make_oru({}, 1), oru_control_id({}, 1), ""));
  EXPECT_EQ(told(got), "AE, MSA-2 empty, ERR-3 101");
  EXPECT_EQ(msa_of(ask(make_oru({}, 5))).first, "AA");
  EXPECT_EQ(end_of(2), "delivered");
  row(Side::sender, "MSH-10 empty, then a good message", told(got) + "; then AA", {1, 2});
}

TEST_F(BadSender, OtherType) {
  const std::string got = ask(with(make_oru({}, 1), "ORU^R01^ORU_R01", "ADT^A01^ADT_A01"));
  EXPECT_EQ(msa_of(got).first, "AR");
  EXPECT_EQ(msa_of(ask(make_oru({}, 5))).first, "AA");
  EXPECT_EQ(end_of(2), "delivered");
  row(Side::sender, "a type that the source does not accept, then a good message", told(got) + "; then AA", {1, 2});
}

TEST_F(BadSender, SilentForEver) {
  EXPECT_TRUE(line_.ends(20));
  good_sender();
  row(Side::sender, "connects and never says a word, as a half-open connection does (a good sender's message 1 after it)",
      "the connection closed after 2 s", {1});
}

TEST_F(BadSender, ClosesItsHalf) {
  ASSERT_TRUE(line_.write_frame(make_oru({}, 1)));
  ::shutdown(line_.descriptor(), SHUT_WR);
  const std::string got = answer();
  EXPECT_EQ(msa_of(got).first, "AA");
  EXPECT_TRUE(line_.ends(10));
  EXPECT_EQ(end_of(1), "delivered");
  row(Side::sender, "sends a message and shuts its half of the connection", told(got) + ", then the connection closed", {1});
}

TEST_F(BadSender, ResetsInAFrame) {
  ASSERT_TRUE(line_.write_raw("\x0b" + make_oru({}, 1).substr(0, 700)));
  line_.reset();
  EXPECT_TRUE(counted("sources", "broken", 1));
  good_sender();
  EXPECT_EQ(arrived(), 1);
  row(Side::sender, "resets in the middle of a frame (a good sender's message 1 after it)", "nothing", {1});
}

TEST_F(BadSender, ClosesBeforeTheAnswer) {
  ASSERT_TRUE(line_.write_frame(make_oru({}, 1)));
  line_.close();
  EXPECT_TRUE(eventually(20s, [&] { return arrived() == 1; }));
  EXPECT_EQ(end_of(1), "delivered");
  ASSERT_TRUE(line_.connect(port_));
  const std::string got = ask(make_oru({}, 1));
  EXPECT_EQ(msa_of(got).first, "AA");
  EXPECT_TRUE(counted("sources", "duplicates", 1));
  EXPECT_EQ(arrived(), 1);
  row(Side::sender, "closes before the answer, and sends the same again", "nothing; then " + told(got) + " of the first", {1});
}

TEST_F(BadSender, GarbageBetweenFrames) {
  const std::string first = ask(make_oru({}, 1));
  ASSERT_TRUE(line_.write_raw("GET / HTTP/1.1\r\n\r\n"));
  const std::string second = ask(make_oru({}, 2));
  EXPECT_EQ(msa_of(second).first, "AA");
  EXPECT_EQ(end_of(2), "delivered");
  row(Side::sender, "18 bytes between two frames", told(first) + "; " + told(second), {1, 2});
}

TEST_F(BadSender, NoCarriageReturnAtTheEnd) {
  ASSERT_TRUE(line_.write_raw("\x0b" + make_oru({}, 1) + "\x1c"));
  const std::string got = answer();
  EXPECT_EQ(msa_of(got).first, "AA");
  EXPECT_EQ(end_of(1), "delivered");
  row(Side::sender, "ends its frame with FS and no CR", told(got), {1});
}

TEST_F(BadSender, SpeaksTls) {
  ASSERT_TRUE(line_.write_raw(std::string("\x16\x03\x01\x00\x05hello", 10)));
  EXPECT_TRUE(line_.ends(10));
  good_sender();
  row(Side::sender, "begins TLS where none is (a good sender's message 1 after it)", "the connection closed after 2 s", {1});
}

}  // namespace
}  // namespace smarthl7::testing

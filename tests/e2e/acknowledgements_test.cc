// SPDX-License-Identifier: Apache-2.0
// Acknowledgements in both directions on the real hub and real sockets: commit and application acknowledgements of a receiver,
// wherever they come; a receiver's own response as the answer to the sender; MLLP release 2. The test itself is the receiver.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/oru_generator.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Takes the hub's connections one by one, so that a test can play the receiver line by line.
class Acceptor {
 public:
  explicit Acceptor(unsigned short port) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_, 16), 0);
  }
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor() { ::close(fd_); }
  std::unique_ptr<Line> accept() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    EXPECT_GE(fd, 0) << "the hub does not connect";
    return std::make_unique<Line>(fd);
  }

 private:
  int fd_ = -1;
};

std::string read(Line& line, int seconds = 20) {
  std::string frame;
  return line.read_frame(frame, seconds) ? frame : "nothing came";
}

/// A field of the message's first line.
std::string header(const std::string& message, int number) {
  std::size_t at = 0;
  const std::size_t end = message.find('\r');
  for (int i = 1; i < number; ++i) {
    at = message.find('|', at);
    if (at >= end) return "";
    ++at;
  }
  return message.substr(at, std::min(message.find('|', at), end) - at);
}

class Acknowledgements : public ::testing::Test {
 protected:
  void run_hub(const std::string& route) {
    hub_ = std::make_unique<Hub>(
        SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/" + route, folder_.path(),
        std::map<std::string, std::string>{{"hub_port", std::to_string(port_)}, {"out_port", std::to_string(out_)}});
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  void restart() {
    hub_->kill_now();
    hub_->start();
    ASSERT_TRUE(hub_->ready()) << hub_->log();
  }
  /// Sends result n and gives the code of its answer.
  std::string send(std::uint64_t n) {
    Line line;
    if (!line.connect(port_)) return "no connection";
    line.write_frame(make_oru({}, n));
    return msa_of(read(line)).first;
  }
  std::string state(std::uint64_t id) {
    const auto trace = hub_->ask({"trace", std::to_string(id)});
    return trace.is_object() ? std::string(trace.at("state").as_string()) : "no trace";
  }
  bool comes_to(std::uint64_t id, const std::string& wanted) {
    return eventually(20s, [&] { return state(id) == wanted; });
  }

  ScratchFolder folder_{"acknowledgements"};
  unsigned short port_ = free_port();
  unsigned short out_ = free_port();
  Acceptor acceptor_{out_};
  std::unique_ptr<Hub> hub_;
};

// ---- commit, then application ---------------------------------------------------------------------------------------------

const std::string kFirst = oru_control_id({}, 1);
const std::string kSecond = oru_control_id({}, 2);

TEST_F(Acknowledgements, AMessageIsDeliveredWhenTheApplicationHasAnswered) {
  run_hub("acks.route");
  ASSERT_EQ(send(1), "AA");
  const auto line = acceptor_.accept();
  const std::string message = read(*line);
  EXPECT_EQ(header(message, 15), "AL");
  EXPECT_EQ(header(message, 16), "AL");
  EXPECT_EQ(message.substr(message.find('\r')), make_oru({}, 1).substr(make_oru({}, 1).find('\r')));
  ASSERT_TRUE(line->write_frame(answer_to(kFirst, "CA")));
  ASSERT_TRUE(eventually(20s, [&] {
    return boost::json::serialize(hub_->ask({"trace", "1"})).find("commit acknowledgement") != std::string::npos;
  }));
  EXPECT_EQ(state(1), "queued");
  ASSERT_TRUE(line->write_frame(answer_to(kFirst, "AA")));
  EXPECT_TRUE(comes_to(1, "delivered"));
}

TEST_F(Acknowledgements, ARefusalOfTheApplicationIsARefusal) {
  run_hub("acks.route");
  ASSERT_EQ(send(1), "AA");
  const auto line = acceptor_.accept();
  read(*line);
  ASSERT_TRUE(line->write_frame(answer_to(kFirst, "CA")));
  ASSERT_TRUE(line->write_frame(answer_to(kFirst, "AE", "ERR||PID^1^5|101^Required field missing^HL70357|E\r")));
  EXPECT_TRUE(comes_to(1, "dead"));
}

TEST_F(Acknowledgements, SilenceAfterACommitIsSentAgain) {
  run_hub("acks.route");
  ASSERT_EQ(send(1), "AA");
  const auto line = acceptor_.accept();
  const std::string first = read(*line);
  ASSERT_TRUE(line->write_frame(answer_to(kFirst, "CA")));
  const auto again = acceptor_.accept();
  EXPECT_EQ(read(*again), first);
  ASSERT_TRUE(again->write_frame(answer_to(kFirst, "CA")));
  ASSERT_TRUE(again->write_frame(answer_to(kFirst, "AA")));
  EXPECT_TRUE(comes_to(1, "delivered"));
}

TEST_F(Acknowledgements, AnAnswerCountsOnWhateverConnectionItComes) {
  run_hub("acks.route");
  ASSERT_EQ(send(1), "AA");
  ASSERT_EQ(send(2), "AA");
  const auto one = acceptor_.accept();
  const auto other = acceptor_.accept();
  const std::string on_one = control_id_of(read(*one));
  const std::string on_other = control_id_of(read(*other));
  ASSERT_TRUE(one->write_frame(answer_to(on_one, "CA")));
  ASSERT_TRUE(other->write_frame(answer_to(on_other, "CA")));
  ASSERT_TRUE(one->write_frame(answer_to(on_other, "AA")));
  ASSERT_TRUE(other->write_frame(answer_to(on_one, "AA")));
  EXPECT_TRUE(comes_to(1, "delivered"));
  EXPECT_TRUE(comes_to(2, "delivered"));
}

TEST_F(Acknowledgements, AnAnswerThatComesToASourceIsTheDeliverysAndCommittedIfItAsks) {
  run_hub("acks.route");
  ASSERT_EQ(send(1), "AA");
  const auto line = acceptor_.accept();
  read(*line);
  ASSERT_TRUE(line->write_frame(answer_to(kFirst, "CA")));
  Line back;
  ASSERT_TRUE(back.connect(port_));
  ASSERT_TRUE(back.write_frame("MSH|^~\\&|R|R|HUB|H|20260101||ACK^R01^ACK|BACK1|P|2.5.1|||AL|NE\rMSA|AA|" + kFirst + "\r"));
  EXPECT_THAT(read(back), HasSubstr("\rMSA|CA|BACK1"));
  EXPECT_TRUE(comes_to(1, "delivered"));
  EXPECT_EQ(hub_->ask({"messages"}).at("messages").as_array().size(), 1U);  // it is no message of its own
  EXPECT_EQ(hub_->ask({"status"}).at("sources").at(0).at("answers").to_number<int>(), 1);

  // In original mode an answer is never answered; the connection is free for the next message.
  ASSERT_EQ(send(2), "AA");
  const std::string next = read(*line, 2);
  const auto second = next == "nothing came" ? acceptor_.accept() : nullptr;
  if (second != nullptr) read(*second);
  ASSERT_TRUE(back.write_frame(answer_to(kSecond, "AA")));
  ASSERT_TRUE(back.write_frame(make_oru({}, 3)));
  EXPECT_EQ(msa_of(read(back)).second, oru_control_id({}, 3));
}

// ---- respond from ---------------------------------------------------------------------------------------------------------

std::string order(const std::string& id, const std::string& rest = "") {
  return "MSH|^~\\&|WARD|W1|PHARM|P1|20260101101500||ORM^O01^ORM_O01|" + id + "|P|2.5.1" + rest +
         "\rPID|1||4711^^^HOSP^MR||MUSTER^ANNA\rORC|NW|A1\rOBR|1|A1||GLU^Glucose^L\r";
}

/// What the pharmacy says to the order that it has got.
std::string response(const std::string& got, const std::string& code) {
  return "MSH|^~\\&|RX|RXSITE|HUB|W1|20260101101501||ORR^O02^ORR_O02|RX77|P|2.5.1||||||UNICODE UTF-8\rMSA|" + code + "|" +
         control_id_of(got) + "|checked\rPID|1||4711^^^HOSP^MR\rORC|OK|A1|RX-1\rNTE|1||Größe \\F\\ ok\r";
}

/// The same as its sender gets it.
std::string relayed(const std::string& id, const std::string& code) {
  return "MSH|^~\\&|PHARM|P1|WARD|W1|20260101101501||ORR^O02^ORR_O02|RX77|P|2.5.1||||||UNICODE UTF-8\rMSA|" + code + "|" + id +
         "|checked\rPID|1||4711^^^HOSP^MR\rORC|OK|A1|RX-1\rNTE|1||Größe \\F\\ ok\r";
}

TEST_F(Acknowledgements, TheDestinationsOwnResponseIsTheAnswer) {
  run_hub("respond.route");
  Line ward;
  ASSERT_TRUE(ward.connect(port_));
  ASSERT_TRUE(ward.write_frame(order("O1")));
  const auto pharmacy = acceptor_.accept();
  const std::string got = read(*pharmacy);
  EXPECT_EQ(control_id_of(got), "HO1");
  ASSERT_TRUE(pharmacy->write_frame(response(got, "AA")));
  EXPECT_EQ(read(ward), relayed("O1", "AA"));
  EXPECT_TRUE(comes_to(1, "delivered"));

  // A copy has the same answer, from the store, before and after a restart; the pharmacy is not asked again.
  ASSERT_TRUE(ward.write_frame(order("O1")));
  EXPECT_EQ(read(ward), relayed("O1", "AA"));
  restart();
  Line again;
  ASSERT_TRUE(again.connect(port_));
  ASSERT_TRUE(again.write_frame(order("O1")));
  EXPECT_EQ(read(again), relayed("O1", "AA"));
  EXPECT_EQ(hub_->queued(), 0U);
}

TEST_F(Acknowledgements, ARefusalIsRelayedAsItCame) {
  run_hub("respond.route");
  Line ward;
  ASSERT_TRUE(ward.connect(port_));
  ASSERT_TRUE(ward.write_frame(order("O1")));
  const auto pharmacy = acceptor_.accept();
  for (int time = 0; time < 3; ++time) {  // AE without a code is for good after three attempts
    const std::string got = read(*pharmacy);
    ASSERT_TRUE(pharmacy->write_frame(response(got, "AE")));
  }
  EXPECT_EQ(read(ward), relayed("O1", "AE"));
  EXPECT_TRUE(comes_to(1, "dead"));
}

TEST_F(Acknowledgements, WhoWaitsTooLongIsToldToAskAgainAndGetsTheLaterAnswer) {
  run_hub("respond.route");
  Line ward;
  ASSERT_TRUE(ward.connect(port_));
  ASSERT_TRUE(ward.write_frame(order("O1")));
  const auto pharmacy = acceptor_.accept();
  const std::string got = read(*pharmacy);
  EXPECT_THAT(read(ward), AllOf(HasSubstr("\rMSA|AE|O1\r"), HasSubstr("|207^")));
  EXPECT_EQ(state(1), "queued");

  // Asked again it waits again; a crash in between loses neither the order nor the question.
  ASSERT_TRUE(ward.write_frame(order("O1")));
  restart();
  Line again;
  ASSERT_TRUE(again.connect(port_));
  ASSERT_TRUE(again.write_frame(order("O1")));
  const auto after = acceptor_.accept();
  EXPECT_EQ(read(*after), got);
  ASSERT_TRUE(after->write_frame(response(got, "AA")));
  EXPECT_EQ(read(again), relayed("O1", "AA"));
  EXPECT_TRUE(comes_to(1, "delivered"));
}

TEST_F(Acknowledgements, InEnhancedModeTheCommitComesAtOnceAndTheResponseLater) {
  run_hub("respond.route");
  Line ward;
  ASSERT_TRUE(ward.connect(port_));
  ASSERT_TRUE(ward.write_frame(order("O1", "|||AL|AL")));
  EXPECT_THAT(read(ward), HasSubstr("\rMSA|CA|O1"));
  ASSERT_TRUE(ward.write_frame(order("O2", "|||AL|NE")));  // the connection is not held up
  EXPECT_THAT(read(ward), HasSubstr("\rMSA|CA|O2"));
  const auto pharmacy = acceptor_.accept();
  ASSERT_TRUE(pharmacy->write_frame(response(read(*pharmacy), "AA")));
  EXPECT_EQ(read(ward), relayed("O1", "AA"));
  ASSERT_TRUE(pharmacy->write_frame(response(read(*pharmacy), "AA")));
  EXPECT_TRUE(comes_to(2, "delivered"));
  EXPECT_EQ(read(ward, 1), "nothing came");
}

TEST_F(Acknowledgements, TheAnswerOfAnotherProcessIsRelayed) {
  const unsigned short port = free_port();
  const std::string url = "mllp://127.0.0.1:" + std::to_string(port);
  out_ = port;
  const Process pharmacy({SMARTHL7_PROGRAM, "listen", url, "--ack", "AA"}, folder_.path() + "/listen.log");
  run_hub("respond.route");
  const std::string file = folder_.path() + "/order.hl7";
  std::ofstream(file, std::ios::binary) << order("O1") << order("O2");
  const auto sent =
      run_command({SMARTHL7_PROGRAM, "send", file, "--to", "mllp://127.0.0.1:" + std::to_string(port_), "--json"});
  EXPECT_THAT(sent.output, HasSubstr("\"accepted\":2"));
  Line ward;
  ASSERT_TRUE(ward.connect(port_));
  ASSERT_TRUE(ward.write_frame(order("O3")));
  EXPECT_THAT(read(ward), AllOf(StartsWith("MSH|^~\\&|PHARM|P1|WARD|W1|"), HasSubstr("\rMSA|AA|O3"), Not(HasSubstr("HO3"))));
}

// ---- MLLP release 2 -------------------------------------------------------------------------------------------------------

TEST_F(Acknowledgements, Release2BothWays) {
  run_hub("release_2.route");
  Line lab;
  ASSERT_TRUE(lab.connect(port_));
  ASSERT_TRUE(lab.write_frame(make_oru({}, 1)));
  EXPECT_EQ(read(lab), "\x06");
  EXPECT_EQ(msa_of(read(lab)).first, "AA");
  ASSERT_TRUE(lab.write_frame("\x06"));

  const auto line = acceptor_.accept();
  EXPECT_EQ(read(*line), make_oru({}, 1));
  ASSERT_TRUE(line->write_frame("\x15"));  // it cannot store it now
  const auto again = acceptor_.accept();
  EXPECT_EQ(read(*again), make_oru({}, 1));
  ASSERT_TRUE(again->write_frame("\x06"));
  EXPECT_EQ(state(1), "queued");
  ASSERT_TRUE(again->write_frame(answer_to(kFirst, "AA")));
  EXPECT_EQ(read(*again), "\x06");
  EXPECT_TRUE(comes_to(1, "delivered"));
}

TEST_F(Acknowledgements, SendAndListenSpeakRelease2) {
  const unsigned short port = free_port();
  out_ = port;
  const Process receiver({SMARTHL7_PROGRAM, "listen", "mllp://127.0.0.1:" + std::to_string(port), "--release", "2"},
                         folder_.path() + "/listen.log");
  run_hub("release_2.route");
  const std::string file = folder_.path() + "/results.hl7";
  std::ofstream(file, std::ios::binary) << make_oru({}, 1) << make_oru({}, 2);
  const auto sent = run_command(
      {SMARTHL7_PROGRAM, "send", file, "--to", "mllp://127.0.0.1:" + std::to_string(port_), "--release", "2", "--json"});
  EXPECT_THAT(sent.output, HasSubstr("\"accepted\":2"));
  EXPECT_TRUE(comes_to(2, "delivered"));
}

}  // namespace
}  // namespace smarthl7::testing

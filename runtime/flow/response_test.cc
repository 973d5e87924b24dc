// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/env/gate.h"
#include "runtime/sim/world.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using store::OutcomeKind;

constexpr std::string_view kRequest = "MSH|^~\\&|WARD|W1|PHARM|P1|2026||ORM^O01|O1|P|2.5.1\rPID|1\r";

TEST(Relayed, turns_the_addresses_around_and_answers_to_the_senders_id) {
  EXPECT_EQ(relayed("MSH|^~\\&|RX|RXS|HUB|H|2026||ORR^O02^ORR_O02|R9|P|2.5.1||||||8859/1\rMSA|AA|HO1|text|1\rORC|OK|\xFC\r",
                    kRequest),
            "MSH|^~\\&|PHARM|P1|WARD|W1|2026||ORR^O02^ORR_O02|R9|P|2.5.1||||||8859/1\rMSA|AA|O1|text|1\rORC|OK|\xFC\r");
}

TEST(Relayed, keeps_line_ends_and_what_stands_before_the_msa) {
  EXPECT_EQ(relayed("MSH|^~\\&|RX||HUB||||ORR^O02|R9|P|2.3\r\nSFT|MSA\r\nMSA|AE\r\nERR|x\r\n", kRequest),
            "MSH|^~\\&|PHARM|P1|WARD|W1|||ORR^O02|R9|P|2.3\r\nSFT|MSA\r\nMSA|AE|O1\r\nERR|x\r\n");
}

TEST(Relayed, names_the_destination_itself_where_the_sender_named_nobody) {
  EXPECT_EQ(relayed("MSH|^~\\&|RX|RXS|HUB|H|2026||ACK|R9|P|2.3\rMSA|AA|1\r", "MSH|^~\\&|W||||2026||ORM|7|P|2.3\r"),
            "MSH|^~\\&|RX|RXS|W||2026||ACK|R9|P|2.3\rMSA|AA|7\r");
}

TEST(Relayed, a_commit_code_becomes_the_applications) {
  EXPECT_EQ(relayed("MSH|^~\\&|A|B|C|D|2026||ACK|R9|P|2.3\rMSA|CE|1\r", kRequest),
            "MSH|^~\\&|PHARM|P1|WARD|W1|2026||ACK|R9|P|2.3\rMSA|AE|O1\r");
}

TEST(Relayed, other_delimiters_are_translated) {
  EXPECT_EQ(relayed("MSH#*~\\&#A#B#C#D#2026##ACK#R9#P#2.3\rMSA#AA#1\r",
                    "MSH|^~\\&|WARD^1.2.3^ISO|W*1|PHARM#|P1|2026||ORM^O01|O1|P|2.5.1\r"),
            "MSH#*~\\&#PHARM #P1#WARD*1.2.3*ISO#W 1#2026##ACK#R9#P#2.3\rMSA#AA#O1\r");
}

TEST(Relayed, what_is_no_response_is_none) {
  EXPECT_EQ(relayed("MSH|^~\\&|A|B|C|D|2026||ACK|R9|P|2.3\rPID|MSA\r", kRequest), std::nullopt);
  EXPECT_EQ(relayed("garbage", kRequest), std::nullopt);
  EXPECT_EQ(relayed("", kRequest), std::nullopt);
}

class Waiting : public ::testing::Test {
 protected:
  struct Got {
    bool done = false;
    std::optional<store::Response> response;
    SteadyTime at{};
  };
  env::Task<void> wait(store::MessageId message, store::DestinationId destination, SteadyTime until, Got* got) {
    Responses::Waiter waiter(&responses_, message, destination);
    std::optional<store::Response> response = co_await waiter.wait(until);
    got->response = std::move(response);
    got->at = world_.now();
    got->done = true;
  }
  void begin(store::MessageId message, store::DestinationId destination, std::chrono::nanoseconds within, Got* got) {
    executor_.post([=, this] { gate_.spawn(wait(message, destination, world_.now() + within, got)); });
    pass(0s);
  }
  void arrive(store::MessageId message, store::DestinationId destination, const char* text) {
    executor_.post([=, this] {
      const store::Response response{OutcomeKind::accepted, SharedBytes(text)};
      responses_.arrived(message, destination, response);
    });
    pass(0s);
  }
  void pass(std::chrono::nanoseconds time) {
    bool there = false;
    executor_.at(world_.now() + time + 1us, [&there] { there = true; });
    while (!there) world_.step();
  }

  sim::World world_{11};
  sim::SimExecutor executor_{world_};
  Responses responses_{executor_};
  env::Gate gate_;
};

TEST_F(Waiting, each_gets_its_own) {
  Got one, copy, other, elsewhere;
  begin(1, 7, 10s, &one);
  begin(1, 7, 10s, &copy);
  begin(2, 7, 10s, &other);
  begin(1, 8, 10s, &elsewhere);
  arrive(1, 7, "ORR");
  EXPECT_TRUE(one.done);
  EXPECT_TRUE(copy.done);
  EXPECT_EQ(copy.response->bytes.view(), "ORR");
  EXPECT_FALSE(other.done);
  EXPECT_FALSE(elsewhere.done);
  EXPECT_EQ(responses_.waiting(), 2U);
  arrive(3, 7, "nobody waits");
  pass(11s);
  EXPECT_TRUE(other.done);
  EXPECT_FALSE(other.response.has_value());
  EXPECT_EQ(responses_.waiting(), 0U);
}

TEST_F(Waiting, an_end_comes_before_the_deadline) {
  Got one;
  begin(1, 7, 100s, &one);
  const SteadyTime end = world_.now() + 2s;
  executor_.post([this, end] { responses_.end(end); });
  pass(1s);
  EXPECT_FALSE(one.done);
  pass(2s);
  EXPECT_TRUE(one.done);
  EXPECT_FALSE(one.response.has_value());
  Got late;
  begin(2, 7, 100s, &late);
  EXPECT_TRUE(late.done);
}

}  // namespace
}  // namespace smarthl7::flow

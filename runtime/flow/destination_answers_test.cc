// SPDX-License-Identifier: Apache-2.0
// What a destination asks of its receiver, and the answers that it waits for: commit, then application, on any connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/flow/testing/lanes.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using plan::AckCondition;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Reaction;
using testing::scripted_answer;

constexpr auto kAccepted = store::OutcomeKind::accepted;
constexpr auto kDead = store::OutcomeKind::dead;

class Acknowledgements : public testing::Lanes {
 protected:
  void enhanced() {
    policy_.asked = {AckCondition::always, AckCondition::always};
    policy_.application_within = 60s;
  }
  static Reaction answers(std::string answer) {
    Reaction reaction;
    reaction.answer = std::move(answer);
    return reaction;
  }
  static Reaction commit() { return answers("CA"); }
  void arrive(std::size_t connection, const std::string& code, const std::string& id) {
    executor_.post([this, connection, bytes = scripted_answer(code, id)] { script_.connections[connection]->arrive(bytes); });
    pass(0s);
  }
  ArrivedAnswer arrived(const std::string& code, const std::string& id) {
    return {SharedBytes(scripted_answer(code, id)), id, "S", "S"};
  }
  env::Task<void> take(ArrivedAnswer answer, int* taken) {
    const bool mine = co_await destination_->take(std::move(answer));
    *taken = mine ? 1 : 0;
  }
  void make_durable() {
    executor_.post([this] { store_.sink->on_durable(store_.outcomes.size() - durable_); });
    pass(0s);
    durable_ = store_.outcomes.size();
  }
  std::vector<std::string> attempts() const {
    std::vector<std::string> all;
    for (const store::Attempt& attempt : store_.attempts) all.push_back(attempt.outcome);
    return all;
  }
  std::size_t durable_ = 0;
};

TEST_F(Acknowledgements, a_commit_is_the_delivery_if_nothing_else_was_asked_for) {
  policy_.asked.accept = AckCondition::always;
  script_.reactions = {commit()};
  start();
  release("1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_THAT(script_.bodies.front(), HasSubstr("|2.5.1|||AL\r"));
}

TEST_F(Acknowledgements, a_message_leaves_as_it_came_if_nothing_is_set) {
  header_rest_ = "|||ER|NE||X";
  script_.reactions = {answers("CR 200")};
  start();
  release("1");
  EXPECT_THAT(script_.bodies.front(), HasSubstr("|2.5.1|||ER|NE||X\r"));
}

TEST_F(Acknowledgements, the_application_is_waited_for_and_the_lane_with_it) {
  enhanced();
  script_.reactions = {commit(), commit()};
  start();
  release("1");
  release("2");
  pass(30s);
  EXPECT_TRUE(outcomes().empty());
  EXPECT_THAT(sent(), ElementsAre("1"));
  EXPECT_THAT(attempts(), ElementsAre("commit acknowledgement"));
  arrive(0, "AA", "1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_THAT(sent(), ElementsAre("1", "2"));
  EXPECT_EQ(script_.connects, 1U);
}

TEST_F(Acknowledgements, a_refusal_of_the_application_is_a_refusal) {
  enhanced();
  script_.reactions = {commit()};
  start();
  release("1");
  arrive(0, "AE 103", "1");
  EXPECT_THAT(outcomes(), ElementsAre(kDead));
  EXPECT_THAT(store_.outcomes.front().answer, HasSubstr("AE 103"));
}

TEST_F(Acknowledgements, a_refusal_for_now_sends_the_message_again) {
  enhanced();
  script_.reactions = {commit(), commit()};
  start();
  release("1");
  arrive(0, "AR 207", "1");
  EXPECT_TRUE(outcomes().empty());
  pass(2s);
  EXPECT_THAT(sent(), ElementsAre("1", "1"));
  arrive(0, "AA", "1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(Acknowledgements, silence_after_a_commit_is_no_answer) {
  enhanced();
  script_.reactions = {commit()};
  start();
  release("1");
  pass(62s);
  EXPECT_THAT(sent(), ElementsAre("1", "1"));
  EXPECT_THAT(attempts(), ElementsAre("commit acknowledgement", "unanswered"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));  // AA, when no script is left
}

TEST_F(Acknowledgements, a_commit_that_refuses_ends_the_waiting) {
  enhanced();
  script_.reactions = {answers("CE 103")};
  start();
  release("1");
  EXPECT_THAT(outcomes(), ElementsAre(kDead));
}

TEST_F(Acknowledgements, an_application_that_answers_at_once_needs_no_commit) {
  enhanced();
  start();
  release("1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(Acknowledgements, the_end_of_the_connection_after_a_commit_leaves_the_other_ways) {
  enhanced();
  script_.reactions = {commit()};
  start();
  release("1");
  executor_.post([this] { script_.connections[0]->break_off(); });
  pass(1s);
  int taken = -1;
  run(take(arrived("AA", "1"), &taken));
  make_durable();
  EXPECT_EQ(taken, 1);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_THAT(sent(), ElementsAre("1"));
}

TEST_F(Acknowledgements, an_answer_comes_on_another_connection) {
  enhanced();
  policy_.order = plan::Order::none;
  policy_.connections = 2;
  script_.reactions = {commit(), commit()};
  start();
  release("1");
  release("2");
  EXPECT_EQ(script_.connections.size(), 3U) << "the last is the express lane's";
  // Each one's answer comes on the connection of the other.
  const bool first_sent_one = destination_->snapshot().lanes[0].head.message == 1;
  arrive(0, "AA", first_sent_one ? "2" : "1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  arrive(1, "AA", first_sent_one ? "1" : "2");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted));
  EXPECT_EQ(destination_->snapshot().counters.mismatched, 0U);
}

TEST_F(Acknowledgements, a_connection_with_nothing_to_send_listens_too) {
  enhanced();
  policy_.order = plan::Order::keys;
  policy_.connections = 2;
  start();
  release({{"1", {0}}, {"2", {1}}});  // both connections are made
  script_.reactions = {commit()};
  release({{"3", {0}}});
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted));
  arrive(1, "AA", "3");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted, kAccepted));
  script_.reactions = {commit()};
  release({{"4", {1}}});  // and goes back to sending
  arrive(0, "AA", "4");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted, kAccepted, kAccepted));
  EXPECT_EQ(script_.connects, 2U);
}

TEST_F(Acknowledgements, an_answer_that_came_elsewhere_is_taken_when_it_is_durable) {
  enhanced();
  script_.reactions = {commit()};
  start();
  release("1");
  int other = -1;
  run(take(arrived("AA", "7"), &other));
  EXPECT_EQ(other, 0);
  int taken = -1;
  run(take(arrived("AA", "1"), &taken));
  EXPECT_EQ(taken, -1);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  make_durable();
  EXPECT_EQ(taken, 1);
  int late = -1;
  run(take(arrived("AA", "1"), &late));
  EXPECT_EQ(late, 0);
}

// Another destination may have a message of that id on its way: whose answer it is, nobody knows, while this one may be meant.
TEST_F(Acknowledgements, a_message_that_was_sent_before_fits_and_gets_nothing) {
  enhanced();
  script_.reactions = {commit(), commit()};
  start();
  release("1");
  EXPECT_NE(destination_->fit(arrived("AA", "1")), AnswerFit::none);
  EXPECT_EQ(destination_->fit(arrived("AA", "2")), AnswerFit::none);
  pass(60s);  // unanswered, and between two attempts
  EXPECT_NE(destination_->fit(arrived("AA", "1")), AnswerFit::none);
  int taken = -1;
  gate_.spawn(take(arrived("AA", "1"), &taken));
  pass(0s);
  EXPECT_EQ(taken, 0);
  pass(2s);
  EXPECT_THAT(sent(), ElementsAre("1", "1"));
  arrive(0, "AA", "1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_NE(destination_->fit(arrived("AA", "1")), AnswerFit::none) << "the answer to the first attempt may still come";
  pass(61s);
  EXPECT_EQ(destination_->fit(arrived("AA", "1")), AnswerFit::none);
}

TEST_F(Acknowledgements, an_answer_can_overtake_the_commit) {
  enhanced();
  script_.reactions = {commit()};
  script_.reactions.front().kind = Reaction::Kind::wait;
  start();
  release("1");
  int taken = -1;
  run(take(arrived("AA", "1"), &taken));
  EXPECT_TRUE(outcomes().empty());
  executor_.post([this] { script_.go.notify_all(); });
  pass(0s);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  make_durable();
  EXPECT_EQ(taken, 1);
}

TEST_F(Acknowledgements, nothing_asked_is_delivered_when_it_is_written) {
  policy_.asked = {AckCondition::never, AckCondition::never};
  start();
  release("1");
  release("2");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kAccepted));
  EXPECT_THAT(store_.outcomes.front().answer, HasSubstr("no acknowledgement"));
  EXPECT_THAT(script_.bodies.front(), HasSubstr("|2.5.1|||NE|NE\r"));
  arrive(0, "AA", "2");  // it answers all the same: passed over, the connection stays
  release("3");
  EXPECT_EQ(script_.connects, 1U);
  EXPECT_EQ(destination_->snapshot().counters.mismatched, 1U);
}

TEST_F(Acknowledgements, without_a_commit_the_application_alone_is_waited_for) {
  policy_.asked = {AckCondition::never, AckCondition::always};
  policy_.application_within = 60s;
  start();
  release("1");
  EXPECT_TRUE(outcomes().empty());
  pass(30s);
  arrive(0, "AA", "1");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(Acknowledgements, silence_is_consent_if_only_errors_are_asked_for) {
  policy_.asked.accept = AckCondition::on_error;
  start();
  release("1");
  pass(9s);
  EXPECT_TRUE(outcomes().empty());
  pass(2s);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  release("2");
  arrive(0, "CE 103", "2");
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kDead));
  release("3");
  executor_.post([this] { script_.connections[0]->break_off(); });  // the end of the connection is no consent
  pass(0s);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kDead));
  EXPECT_THAT(attempts(), ElementsAre("unanswered"));
}

TEST_F(Acknowledgements, an_answer_that_asks_for_it_is_committed_once_its_outcome_is_durable) {
  enhanced();
  script_.reactions = {commit()};
  start();
  release("1");
  const std::string answer = "MSH|^~\\&|S|S|H|H|2026||ACK^R01^ACK|ANSWER7|P|2.5.1|||AL|NE\rMSA|AA|1\r|ORU|x|P|\r";
  executor_.post([this, answer] { script_.connections[0]->arrive(answer); });
  pass(0s);
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
  EXPECT_EQ(script_.bodies.size(), 1U);
  make_durable();
  ASSERT_EQ(script_.bodies.size(), 2U);
  EXPECT_THAT(script_.bodies[1], HasSubstr("MSA|CA|ANSWER7"));
}

TEST_F(Acknowledgements, a_stop_waits_for_the_application_until_its_deadline) {
  enhanced();
  script_.reactions = {commit()};
  start();
  release("1");
  bool stopped = false;
  const auto stop = [](Destination* destination, SteadyTime deadline, bool* done) -> env::Task<void> {
    co_await destination->stop(deadline);
    *done = true;
  };
  run(stop(destination_.get(), world_.now() + 10s, &stopped));
  EXPECT_FALSE(stopped);
  pass(12s);
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(outcomes().empty());
  EXPECT_TRUE(store_.given_back.empty());  // it may have been seen
}

TEST_F(Acknowledgements, a_response_is_kept_with_its_outcome) {
  policy_.responds = true;
  script_.reactions = {answers("raw:MSH|^~\\&|S|S|H|H|2026||ORR^O02|A1|P|2.5.1\rMSA|AA|1\rORC|OK\r"), answers("AE 103")};
  start();
  release("1");
  release("2");
  ASSERT_EQ(store_.outcomes.size(), 2U);
  ASSERT_TRUE(store_.outcomes[0].response.has_value());
  EXPECT_THAT(std::string(store_.outcomes[0].response->view()), HasSubstr("ORC|OK"));
  ASSERT_TRUE(store_.outcomes[1].response.has_value());
  EXPECT_THAT(std::string(store_.outcomes[1].response->view()), HasSubstr("MSA|AE|2"));
}

}  // namespace
}  // namespace smarthl7::flow

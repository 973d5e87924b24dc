// SPDX-License-Identifier: Apache-2.0
// What becomes of a message when the receiver's protocol judges it and no acknowledgement of HL7 comes: a status of HTTP, a
// file that is in its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/flow/testing/lanes.h"

namespace smarthl7::flow {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Reaction;
using testing::scripted_answer;
using transport::Judgement;

constexpr auto kAccepted = store::OutcomeKind::accepted;
constexpr auto kDead = store::OutcomeKind::dead;

class Judged : public testing::Lanes {
 protected:
  static Reaction judged(Judgement judgement, std::string words, std::chrono::nanoseconds retry_after = 0s) {
    Reaction reaction;
    reaction.kind = Reaction::Kind::judged;
    reaction.answer = std::move(words);
    reaction.judgement = judgement;
    reaction.retry_after = retry_after;
    return reaction;
  }
  static Reaction taken() {
    Reaction reaction;
    reaction.kind = Reaction::Kind::taken;
    reaction.answer = "written as a.hl7";
    return reaction;
  }
  std::chrono::nanoseconds between(std::size_t first, std::size_t second) const {
    return script_.sent[second].first - script_.sent[first].first;
  }
};

TEST_F(Judged, good_is_delivered_and_bad_is_given_up) {
  script_.reactions = {judged(Judgement::accepted, "HTTP 204"), judged(Judgement::refused_for_good, "HTTP 404 Not Found"),
                       taken()};
  start();
  for (const char* id : {"A", "B", "C"}) release(id);
  EXPECT_THAT(sent(), ElementsAre("A", "B", "C"));
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted, kDead, kAccepted));
  EXPECT_THAT(store_.outcomes[1].reason, ::testing::HasSubstr("refused for good"));
}

TEST_F(Judged, a_receiver_that_says_when_is_not_asked_before) {
  script_.reactions = {judged(Judgement::refused_for_now, "HTTP 503", 30s), judged(Judgement::refused_for_now, "HTTP 429"),
                       judged(Judgement::refused_for_now, "HTTP 503", 1s), judged(Judgement::accepted, "HTTP 200")};
  start();
  release("A");
  pass(29s);
  EXPECT_THAT(sent(), ElementsAre("A"));
  pass(60s);
  EXPECT_THAT(sent(), ElementsAre("A", "A", "A", "A"));
  EXPECT_GE(between(0, 1), 30s);
  EXPECT_LT(between(0, 1), 31s);
  EXPECT_EQ(between(1, 2), 2s) << "it does not say: the second pause of the lane";
  EXPECT_EQ(between(2, 3), 4s) << "it says sooner than the lane's own pause";
  EXPECT_THAT(outcomes(), ElementsAre(kAccepted));
}

TEST_F(Judged, a_receiver_cannot_send_a_lane_away_for_days) {
  script_.reactions = {judged(Judgement::refused_for_now, "HTTP 503", 48h)};
  start();
  release("A");
  pass(59min);
  EXPECT_THAT(sent(), ElementsAre("A"));
  pass(2min);
  EXPECT_THAT(sent(), ElementsAre("A", "A"));
}

TEST_F(Judged, taken_is_not_delivered_while_the_application_has_not_answered) {
  policy_.asked = {plan::AckCondition::never, plan::AckCondition::always};
  policy_.application_within = 60s;
  for (const Reaction& reaction : {judged(Judgement::accepted, "HTTP 202"), taken()}) {
    const std::size_t before = outcomes().size();
    const std::string id = before == 0 ? "A" : "B";
    script_.reactions = {reaction};
    if (before == 0) start();
    release(id);
    pass(30s);
    ASSERT_EQ(outcomes().size(), before) << id;
    executor_.post([this, id] { script_.connections.front()->arrive(scripted_answer("AA", id)); });
    pass(0s);
    ASSERT_EQ(outcomes().size(), before + 1) << id;
    EXPECT_EQ(outcomes().back(), kAccepted);
  }
}

}  // namespace
}  // namespace smarthl7::flow

// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/alert/testing.h"

namespace smarthl7::alert {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Evaluated : public testing::Test {
 protected:
  void watch(const std::vector<When>& whens, bool points = false) {
    plan_ = small_plan(whens);
    evaluator_ = std::make_unique<Evaluator>(plan_, 64ULL << 20, points);
  }
  /// Looks for so long; "+watched" and "-watched", with the seconds at which they came.
  std::vector<std::string> look_for(std::chrono::seconds length) {
    std::vector<std::string> heard;
    for (auto passed = 0s; passed < length; passed += 5s) {
      hub_.pass(5s);
      time_ += 5s;
      for (const Event& event : evaluator_->look(hub_.seen)) {
        heard.push_back((event.over ? "-" : "+") + event.alert + " " + std::to_string(time_.count()));
        last_ = event;
      }
    }
    return heard;
  }
  std::uint64_t& queued() { return hub_.seen.store.destinations[0].queued; }
  std::string state() { return evaluator_->states().front().state; }

  plan::Plan plan_;
  std::unique_ptr<Evaluator> evaluator_;
  Hub hub_;
  std::chrono::seconds time_{0};
  Event last_;
};

TEST_F(Evaluated, FiresAtOnceWithoutForAndOnceOnly) {
  watch({{"queued", ">", 5}});
  EXPECT_THAT(look_for(60s), IsEmpty());
  queued() = 6;
  EXPECT_THAT(look_for(7200s), ElementsAre("+watched 65"));
  EXPECT_EQ(last_.text, "queued of mercy is 6 (> 5)");
  EXPECT_THAT(last_.contacts, ElementsAre("oncall"));
  EXPECT_TRUE(last_.declared);
  queued() = 0;
  EXPECT_THAT(look_for(600s), ElementsAre("-watched 7320"));
  queued() = 9;
  EXPECT_THAT(look_for(60s), ElementsAre("+watched 7865"));
  EXPECT_EQ(evaluator_->fired("watched"), 2U);
}

TEST_F(Evaluated, ForCountsFromTheFirstLookInARow) {
  watch({{"queued", ">", 5, 5min}});
  queued() = 6;
  EXPECT_THAT(look_for(295s), IsEmpty());
  EXPECT_EQ(state(), "pending");
  queued() = 5;
  look_for(5s);
  EXPECT_EQ(state(), "fine");
  queued() = 6;
  EXPECT_THAT(look_for(600s), ElementsAre("+watched 605"));  // seen first at 305
}

TEST_F(Evaluated, ADipOfLessThanAMinuteEndsNothing) {
  watch({{"queued", ">", 5}});
  queued() = 6;
  look_for(60s);
  for (int i = 0; i < 10; ++i) {
    queued() = 0;
    EXPECT_THAT(look_for(55s), IsEmpty());
    queued() = 6;
    EXPECT_THAT(look_for(5s), IsEmpty());
  }
  EXPECT_EQ(evaluator_->fired("watched"), 1U);
}

TEST_F(Evaluated, AlternativesDoNotAddUp) {
  watch({{"queued", ">", 5, 5min}, {"queued_bytes", ">", 5, 5min}});
  for (int i = 0; i < 10; ++i) {  // one of them holds at every look, none for five minutes
    queued() = i % 2 == 0 ? 6 : 0;
    hub_.seen.store.destinations[0].queued_bytes = i % 2 == 0 ? 0 : 6;
    EXPECT_THAT(look_for(200s), IsEmpty());
  }
  hub_.seen.store.destinations[0].queued_bytes = 6;
  EXPECT_THAT(look_for(400s).size(), 1U);
  EXPECT_THAT(last_.text, HasSubstr("queued_bytes"));
}

TEST_F(Evaluated, OneSlowMessageIsNotSlowForFiveMinutes) {
  watch({{"delivery_time", ">", 60'000'000, 5min, 99, true}});
  look_for(60s);
  hub_.mercy().delivery_time.add(70s);
  EXPECT_THAT(look_for(900s), IsEmpty());
  for (int i = 0; i < 4; ++i) {
    hub_.mercy().delivery_time.add(70s);
    look_for(120s);
  }
  EXPECT_EQ(evaluator_->fired("watched"), 1U);
}

TEST_F(Evaluated, ARestartWithinAnEpisodeSaysNothing) {
  watch({{"unreachable", ">", 0}});
  const WallTime began = hub_.seen.wall - 8h;
  const Episode open{"watched", began, false, true, "unreachable of mercy is 1 per minute (> 0 per minute)"};
  const Episode gone{"another", began, false, true, ""};
  EXPECT_THAT(evaluator_->restore({open, gone}, hub_.seen.wall), ElementsAre(gone));
  EXPECT_EQ(state(), "firing");
  EXPECT_THAT(look_for(290s), IsEmpty());  // it has not been tried yet
  hub_.mercy().counters.unreachable = 1;
  hub_.lane().trouble = flow::Trouble::unreachable;
  hub_.lane().head.message = 17;
  EXPECT_THAT(look_for(7200s), IsEmpty());
  hub_.lane().trouble = flow::Trouble::none;
  EXPECT_THAT(look_for(120s).size(), 1U);
  EXPECT_TRUE(last_.over);
  EXPECT_EQ(last_.began, began);
}

TEST_F(Evaluated, ARestartAfterTheTroubleSaysThatItIsOver) {
  watch({{"unreachable", ">", 0}});
  evaluator_->restore({{"watched", hub_.seen.wall - 8h, false, true, ""}}, hub_.seen.wall);
  EXPECT_THAT(look_for(600s), ElementsAre("-watched 305"));
}

TEST_F(Evaluated, WatchesWhatNobodyDeclared) {
  watch({}, true);
  EXPECT_THAT(look_for(60s), IsEmpty());
  flow::LaneStatus& lane = hub_.lane();
  lane.head.message = 17;
  lane.last_error = "connection refused";
  lane.trouble = flow::Trouble::unanswered;
  EXPECT_THAT(look_for(300s), IsEmpty());
  EXPECT_THAT(look_for(10s), ElementsAre("+unreachable of mercy 365"));
  EXPECT_THAT(last_.text, HasSubstr("connection refused"));
  EXPECT_FALSE(last_.declared);
  lane.state = flow::LaneState::held;
  EXPECT_THAT(look_for(5s), ElementsAre("+held of mercy 375"));
  lane.state = flow::LaneState::rejected;
  lane.trouble = flow::Trouble::credentials;
  EXPECT_THAT(look_for(5s), ElementsAre("+credentials of mercy 380"));
  hub_.mercy().counters.mismatched = 1;
  hub_.seen.store.destinations[0].dead_letters = 1;
  hub_.seen.store.destinations[0].ambiguous = 1;
  hub_.flow().dead = 1;
  hub_.source().conflicts = 1;
  hub_.source().not_stored = 1;
  hub_.seen.store.free_bytes = 200ULL << 20;
  hub_.seen.store.disk_bytes = 1;
  EXPECT_THAT(look_for(5s),
              ElementsAre("+mismatched of mercy 385", "+dead of mercy 385", "+ambiguous of mercy 385", "+dead of results 385",
                          "+conflicts of lab 385", "+not_stored of lab 385", "+disk of store 385"));
  EXPECT_EQ(evaluator_->states().size(), 1U + 10U);  // the declared one, which is fine
}

}  // namespace
}  // namespace smarthl7::alert

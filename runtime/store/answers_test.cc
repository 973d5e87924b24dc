// SPDX-License-Identifier: Apache-2.0
// Acknowledgements that a destination sends: durable with their message, accepted or rejected, and never twice for a copy.
#include <gtest/gtest.h>

#include "runtime/store/store.h"
#include "runtime/store/testing/harness.h"

namespace smarthl7::store {
namespace {

class StoredAnswers : public testing::Test {
 protected:
  void open() {
    const auto opened = world_.open();
    ASSERT_TRUE(opened) << opened.error().describe();
    for (const char* name : {"hospital", "answers"}) {
      DestinationOptions options;
      options.name = name;
      auto id = world_.wait(world_.store->open_destination(options, &sinks_[name]));
      ASSERT_TRUE(id);
      ids_[name] = *id;
    }
  }
  NewMessage with_answer(NewMessage message, const std::string& answer) {
    NewDelivery& delivery = message.answers.emplace_back();
    delivery.destination = ids_["answers"];
    delivery.body = SharedBytes(answer);
    return message;
  }
  Accepted accept(NewMessage message) {
    auto accepted = world_.wait(world_.store->accept(std::move(message)));
    EXPECT_TRUE(accepted);
    return accepted.value_or(Accepted{});
  }
  std::vector<std::string> released(const std::string& name) {
    world_.settle();
    std::vector<std::string> bodies;
    for (const Released& one : sinks_[name].released) bodies.emplace_back(one.body.view());
    return bodies;
  }

  World world_;
  std::map<std::string, NotingSink> sinks_;
  std::map<std::string, DestinationId> ids_;
};

TEST_F(StoredAnswers, OutliveACrashWithTheirMessageWhateverItsVerdict) {
  open();
  accept(with_answer(message("MSH|one", {to(ids_["hospital"])}), "AA one"));
  NewMessage refused = message("MSH|two", {});
  refused.flows.clear();
  refused.verdict = Verdict::rejected;
  refused.reason = "wrong";
  accept(with_answer(std::move(refused), "AE two"));
  EXPECT_EQ(released("answers"), (std::vector<std::string>{"AA one", "AE two"}));
  EXPECT_EQ(released("hospital"), std::vector<std::string>{"MSH|one"});
  world_.crash();
  sinks_.clear();
  open();
  EXPECT_EQ(released("answers"), (std::vector<std::string>{"AA one", "AE two"})) << "sent again: nobody knows their outcome";
  const auto trace = world_.wait(world_.store->trace(2));
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->message.state, "rejected");
  EXPECT_EQ(trace->message.deliveries, 1U);
}

TEST_F(StoredAnswers, ACopyMakesNoSecondOne) {
  open();
  const auto claimed = [&] {
    NewMessage one = message("MSH|one", {to(ids_["hospital"])});
    one.flows[0].dedup = DedupClaim{{1, 2}, {3, 4}, std::chrono::hours(1), false};
    return with_answer(std::move(one), "AA one");
  };
  EXPECT_FALSE(accept(claimed()).duplicate);
  EXPECT_TRUE(accept(claimed()).duplicate);
  EXPECT_EQ(released("answers"), std::vector<std::string>{"AA one"});
}

TEST_F(StoredAnswers, AConflictThatIsRefusedTakesThemBack) {
  open();
  NewMessage first = message("MSH|one", {to(ids_["hospital"])});
  first.flows[0].dedup = DedupClaim{{1, 2}, {3, 4}, std::chrono::hours(1), true};
  accept(with_answer(std::move(first), "AA one"));
  NewMessage other = message("MSH|two", {to(ids_["hospital"])});
  other.flows[0].dedup = DedupClaim{{1, 2}, {5, 6}, std::chrono::hours(1), true};
  EXPECT_TRUE(accept(with_answer(std::move(other), "AA two")).conflict);
  EXPECT_EQ(released("answers"), std::vector<std::string>{"AA one"});
}

}  // namespace
}  // namespace smarthl7::store

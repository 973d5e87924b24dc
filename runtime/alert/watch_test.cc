// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/alert/testing.h"
#include "runtime/env/gate.h"
#include "runtime/sim/disk.h"

namespace smarthl7::alert {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// One life of a watch, on a disk that outlives it.
class Life final : public Subject, public Teller {
 public:
  Life(sim::World& world, sim::Image image, Hub& hub) : disk_(world, std::move(image), host_, {}), hub_(hub), executor_(world) {
    eval::Bindings bindings;
    auto bound = eval::bind(small_plan({{"queued", ">", 5}, {"silence", ">", 7'200'000'000, 0s, 0, true}}), {}, bindings);
    EXPECT_TRUE(bound) << (bound ? "" : bound.error().describe());
    WatchSetup setup;
    setup.plan = *bound;
    setup.subject = this;
    setup.teller = this;
    setup.clock = &clock_;
    setup.disk = &disk_;
    setup.folder = "data";
    setup.points = false;
    EXPECT_TRUE(disk_.make_folder("data"));
    watch = std::make_unique<Watch>(std::move(setup));
    executor_.post([this] { gate_.spawn(watch->run()); });
  }
  void run(sim::World& world, std::chrono::seconds length) {
    const SteadyTime end = world.now() + length;
    bool ended = false;
    executor_.at(end, [&ended] { ended = true; });
    while (!ended) world.step();
  }
  sim::Image power_loss(sim::World& world) {
    host_->frozen = true;
    return disk_.image().after_crash(sim::CrashKind::power_loss, world);
  }
  sim::SimDisk& disk() { return disk_; }

  env::Task<Result<Observed>> observe() override {
    Observed seen = hub_.seen;
    co_return seen;
  }
  env::Task<std::optional<WallTime>> last_message(std::string source) override {
    asked.push_back(source);
    co_return last;
  }
  bool tell(const Event& event) override {
    heard.push_back((event.over ? "-" : "+") + event.alert);
    event_ = event;
    return reaches_everybody;
  }
  void warn(const Error& error) override { warnings.push_back(error.describe()); }
  void reached() { watch->told(event_.alert, event_.began, event_.over, ""); }
  void given_up(const std::string& why) { watch->told(event_.alert, event_.began, event_.over, why); }

  std::vector<std::string> heard;
  std::vector<std::string> warnings;
  std::vector<std::string> asked;
  std::optional<WallTime> last;
  bool reaches_everybody = true;
  std::unique_ptr<Watch> watch;

 private:
  class Wall final : public env::Clock {
   public:
    [[nodiscard]] WallTime wall() const override { return WallTime(std::chrono::hours(480'000)); }
  };
  std::shared_ptr<sim::Host> host_ = std::make_shared<sim::Host>();
  sim::SimDisk disk_;
  Hub& hub_;
  Wall clock_;
  Event event_;
  sim::SimExecutor executor_;
  env::Gate gate_;
};

class Watched : public testing::Test {
 protected:
  std::unique_ptr<Life> life(sim::Image image = {}) { return std::make_unique<Life>(world_, std::move(image), hub_); }
  sim::World world_{7};
  Hub hub_;
};

TEST_F(Watched, SaysOnceOverPowerLosses) {
  hub_.seen.store.destinations[0].queued = 6;
  auto now = life();
  now->run(world_, 60s);
  EXPECT_THAT(now->heard, ElementsAre("+watched"));
  for (int i = 0; i < 3; ++i) {
    auto image = now->power_loss(world_);
    now = life(std::move(image));
    now->run(world_, 3600s);
    EXPECT_THAT(now->heard, IsEmpty());
    EXPECT_THAT(now->warnings, IsEmpty());
    EXPECT_EQ(now->watch->states().front().state, "firing");
  }
  hub_.seen.store.destinations[0].queued = 0;
  now->run(world_, 120s);
  EXPECT_THAT(now->heard, ElementsAre("-watched"));
  auto image = now->power_loss(world_);
  now = life(std::move(image));
  now->run(world_, 600s);
  EXPECT_THAT(now->heard, IsEmpty());
}

TEST_F(Watched, SaysAgainWhatNobodyHasHeard) {
  hub_.seen.store.destinations[0].queued = 6;
  auto now = life();
  now->reaches_everybody = false;
  now->run(world_, 60s);
  EXPECT_THAT(now->heard, ElementsAre("+watched"));
  auto image = now->power_loss(world_);
  now = life(std::move(image));
  now->reaches_everybody = false;
  now->run(world_, 60s);
  EXPECT_THAT(now->heard, ElementsAre("+watched"));
  now->reached();
  image = now->power_loss(world_);
  now = life(std::move(image));
  now->run(world_, 60s);
  EXPECT_THAT(now->heard, IsEmpty());
}

TEST_F(Watched, WhoCannotBeReachedIsShown) {
  hub_.seen.store.destinations[0].queued = 6;
  auto now = life();
  now->reaches_everybody = false;
  now->run(world_, 60s);
  now->given_up("oncall: connection refused");
  EXPECT_EQ(now->watch->states().front().telling, "oncall: connection refused");
}

TEST_F(Watched, ABookThatCannotBeReadIsSaidAndBegunAnew) {
  hub_.seen.store.destinations[0].queued = 6;
  auto now = life();
  now->run(world_, 60s);
  auto file = now->disk().open("data/alerts", env::OpenMode::read_write);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->truncate(30));
  ASSERT_TRUE((*file)->sync_now());
  auto image = now->power_loss(world_);
  now = life(std::move(image));
  now->run(world_, 60s);
  EXPECT_THAT(now->warnings, ElementsAre(HasSubstr("no list of alerts")));
  EXPECT_THAT(now->heard, ElementsAre("+watched"));
}

TEST_F(Watched, AsksWhenASourceWasLastHeard) {
  auto now = life();
  now->last = hub_.seen.wall - 3h;
  now->run(world_, 10s);
  EXPECT_THAT(now->asked, ElementsAre("lab"));
  EXPECT_THAT(now->heard, ElementsAre("+watched"));
}

}  // namespace
}  // namespace smarthl7::alert

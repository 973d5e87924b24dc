// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shrink.h"

#include "tests/sim/runner.h"

namespace smarthl7::sim {

namespace {

class Shrinker {
 public:
  Shrinker(const Scenario& failing, std::vector<std::string> broken, unsigned most) : most_(most) {
    best_.scenario = failing;
    best_.broken = std::move(broken);
  }

  Shrunk run() {
    if (best_.scenario.messages == 0) best_.scenario.messages = 40;  // may make it another history: then it stays as it is
    if (!fails(best_.scenario)) best_.scenario.messages = 0;
    bool smaller = true;
    while (smaller && best_.tries < most_) {
      smaller = false;
      for (std::size_t i = 0; i < kParts; ++i) {
        const Part part = static_cast<Part>(i);
        if (!best_.scenario.has(part)) continue;
        Scenario one = best_.scenario;
        one.leave_out(part);
        smaller = take(one) || smaller;
      }
      smaller = fewer(&Scenario::messages, 60) || smaller;
      smaller = fewer(&Scenario::lives, 5) || smaller;
    }
    return std::move(best_);
  }

 private:
  bool fails(const Scenario& scenario) {
    ++best_.tries;
    RunOptions options;
    options.scenarios = {scenario};
    const RunResult result = run_histories(options, [](const Scenario&, const std::vector<std::string>&) {});
    if (result.broken.empty()) return false;
    best_.broken = result.broken.begin()->second;
    return true;
  }

  bool take(const Scenario& scenario) {
    if (best_.tries >= most_ || !fails(scenario)) return false;
    best_.scenario = scenario;
    return true;
  }

  bool fewer(std::uint32_t Scenario::* number, std::uint32_t from) {
    bool any = false;
    const std::uint32_t now = best_.scenario.*number == 0 ? from : best_.scenario.*number;
    for (const std::uint32_t next : {now / 4, now / 2, now * 3 / 4, now - 1}) {
      if (next < 1 || next >= now) continue;
      Scenario one = best_.scenario;
      one.*number = next;
      if (!take(one)) continue;
      any = true;
      break;
    }
    return any;
  }

  unsigned most_;
  Shrunk best_;
};

}  // namespace

Shrunk shrink(const Scenario& failing, std::vector<std::string> broken, unsigned most_tries) {
  return Shrinker(failing, std::move(broken), most_tries).run();
}

}  // namespace smarthl7::sim

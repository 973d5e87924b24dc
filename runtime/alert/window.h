// SPDX-License-Identifier: Apache-2.0
// What a counter or a histogram that only grows has gained lately. Both start with nothing at the start of the run, so what was
// counted before the first look is in the first window. A window keeps one value per look (counts) or quarter of a minute
// (distributions). Value types; one thread; no failure.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "runtime/observe/histogram.h"
#include "stdlib/base/time.h"

namespace smarthl7::alert {

/// A number per minute is what came in the last minute.
inline constexpr std::chrono::minutes kCountWindow{1};
/// A quantile is of what came in the last five minutes.
inline constexpr std::chrono::minutes kQuantileWindow{5};

class CountWindow {
 public:
  /// The count of all time at `now`; gives that of the window that ends there.
  std::uint64_t take(std::uint64_t count, SteadyTime now) {
    while (!looks_.empty() && looks_.front().at <= now - kCountWindow) {
      before_ = looks_.front().count;
      looks_.pop_front();
    }
    looks_.push_back({now, count});
    return count - before_;
  }

 private:
  struct Look {
    SteadyTime at;
    std::uint64_t count;
  };
  std::uint64_t before_ = 0;  // the newest count that is older than the window
  std::deque<Look> looks_;
};

class QuantileWindow {
 public:
  observe::Histogram take(const observe::Histogram& all, SteadyTime now) {
    while (!looks_.empty() && looks_.front().at <= now - kQuantileWindow) {
      before_ = looks_.front().all;
      looks_.pop_front();
    }
    if (looks_.empty() || now - looks_.back().at >= kStep) looks_.push_back({now, all});
    observe::Histogram window = all;
    window.subtract(before_);
    return window;
  }

 private:
  static constexpr std::chrono::seconds kStep{15};
  struct Look {
    SteadyTime at;
    observe::Histogram all;
  };
  observe::Histogram before_;
  std::deque<Look> looks_;
};

}  // namespace smarthl7::alert

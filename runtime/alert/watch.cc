// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/watch.h"

#include <algorithm>

namespace smarthl7::alert {
namespace {

Event again(const Episode& episode, WallTime at, const Evaluator& evaluator) {
  Event event;
  event.alert = episode.alert;
  event.declared = episode.alert.find(' ') == std::string::npos;  // the others have a subject
  event.over = episode.over;
  event.began = episode.began;
  event.at = at;
  event.text = episode.text;
  event.contacts = evaluator.contacts_of(episode.alert);
  return event;
}

}  // namespace

Watch::Watch(WatchSetup setup)
    : setup_(std::move(setup)),
      evaluator_(setup_.plan->plan(), setup_.reserve_bytes, setup_.points),
      book_(*setup_.disk, setup_.folder) {}

env::Task<void> Watch::begin() {
  auto kept = book_.read();
  if (kept) {
    episodes_ = std::move(*kept);
  } else {
    setup_.teller->warn(kept.error());
  }
  const WallTime now = setup_.clock->wall();
  const std::vector<Episode> unknown = evaluator_.restore(episodes_, now);
  for (const Episode& gone : unknown) std::erase(episodes_, gone);  // the plan does not watch it any more
  if (!unknown.empty()) write();
  std::vector<std::string> sources = evaluator_.silent_sources();
  for (std::string& source : sources) {
    std::string asked = source;
    const std::optional<WallTime> last = co_await setup_.subject->last_message(std::move(asked));
    if (last) evaluator_.came_before(source, *last);
  }
  std::vector<Event> untold;
  for (const Episode& episode : episodes_)
    if (!episode.told) untold.push_back(again(episode, now, evaluator_));
  for (const Event& event : untold)
    if (setup_.teller->tell(event)) told(event.alert, event.began, event.over, "");
}

env::Task<void> Watch::run() {
  co_await begin();
  env::Executor& executor = *env::Executor::current();
  SteadyTime next = executor.now();
  while (!stopping_) {
    co_await look();
    next = std::max(next + kLookEvery, executor.now());  // a look that takes long is not made up for
    while (!stopping_ && executor.now() < next) co_await wake_.wait(next);
  }
}

void Watch::stop() {
  stopping_ = true;
  wake_.notify_all();
}

env::Task<void> Watch::look() {
  Result<Observed> observed = co_await setup_.subject->observe();
  if (!observed || stopping_) co_return;
  observed->now = env::Executor::current()->now();
  observed->wall = setup_.clock->wall();
  ++looks_;
  std::vector<Event> events = evaluator_.look(*observed);
  if (!events.empty()) take(std::move(events));
}

// The order is sacred here too: written down, told, written down as told.
void Watch::take(std::vector<Event> events) {
  for (const Event& event : events) {
    const auto same = [&](const Episode& one) { return one.alert == event.alert && one.began == event.began; };
    auto at = std::ranges::find_if(episodes_, same);
    if (at == episodes_.end()) at = episodes_.insert(at, Episode{event.alert, event.began, false, false, ""});
    at->over = event.over;
    at->told = false;
    at->text = event.text;
  }
  write();
  for (const Event& event : events)
    if (setup_.teller->tell(event)) told(event.alert, event.began, event.over, "");
}

void Watch::told(const std::string& alert, WallTime began, bool over, std::string problem) {
  if (problem.empty()) {
    problems_.erase(alert);
  } else {
    problems_[alert] = std::move(problem);
  }
  const auto at = std::ranges::find_if(
      episodes_, [&](const Episode& one) { return one.alert == alert && one.began == began && one.over == over; });
  if (at == episodes_.end()) return;
  if (over) {
    episodes_.erase(at);
  } else {
    at->told = true;
  }
  write();
}

void Watch::write() {
  const Result<void> written = book_.write(episodes_);
  if (!written) setup_.teller->warn(written.error());
}

std::vector<observe::AlertStatus> Watch::states() const {
  std::vector<observe::AlertStatus> states = evaluator_.states();
  for (observe::AlertStatus& state : states) {
    const auto problem = problems_.find(state.subject.empty() ? state.name : state.name + " of " + state.subject);
    if (problem != problems_.end()) state.telling = problem->second;
  }
  return states;
}

}  // namespace smarthl7::alert

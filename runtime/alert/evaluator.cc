// SPDX-License-Identifier: Apache-2.0
#include "runtime/alert/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace smarthl7::alert {

struct Evaluator::Condition {
  std::unique_ptr<Meter> meter;  // of a declared alert; else
  Point point;
  std::string text;  // while it holds
  bool held = false;
  SteadyTime since{};  // the first look of those in a row at which it held

  [[nodiscard]] std::chrono::microseconds lasting() const { return meter ? meter->lasting() : point.lasting; }
  bool look(const Observed& observed) {
    if (meter) {
      const bool holds = meter->holds(observed);
      text = holds ? meter->text() : std::string();
      return holds;
    }
    text = point.look(observed);
    return !text.empty();
  }
};

struct Evaluator::Alert {
  enum class State : std::uint8_t { fine, pending, firing };

  std::string name;
  std::string subject;
  bool declared = false;
  std::vector<std::string> contacts;
  std::vector<Condition> conditions;
  State state = State::fine;
  WallTime since{};
  std::string text;
  std::uint64_t fired = 0;
  SteadyTime last_held{};
  bool restored = false;  // its episode began before this run, and nothing has held since

  [[nodiscard]] std::string key() const { return subject.empty() ? name : fmt::format("{} of {}", name, subject); }
  [[nodiscard]] Event event(const Observed& observed, bool over) const {
    Event event;
    event.alert = key();
    event.declared = declared;
    event.over = over;
    event.began = since;
    event.at = observed.wall;
    event.text = text;
    event.contacts = contacts;
    return event;
  }
};

namespace {

std::string_view name_of(int state) {
  constexpr std::array<std::string_view, 3> kNames = {"fine", "pending", "firing"};
  return kNames[static_cast<std::size_t>(state)];
}

std::uint64_t duration_of(WallTime from, WallTime to) {
  return to > from ? static_cast<std::uint64_t>((to - from).count()) : 0;  // clocks jump
}

}  // namespace

Evaluator::Evaluator(const plan::Plan& plan, std::uint64_t reserve_bytes, bool points) : plan_(plan) {
  for (const plan::Alert& declared : plan.alerts) {
    auto alert = std::make_unique<Alert>();
    alert->name = plan.text(declared.name);
    alert->declared = true;
    for (plan::Id at = 0; at < declared.notify.count; ++at)
      alert->contacts.push_back(plan.text(plan.lists[declared.notify.first + at]));
    for (const plan::AlertCondition& when : declared.conditions) {
      Condition condition;
      condition.meter = std::make_unique<Meter>(plan, when);
      alert->conditions.push_back(std::move(condition));
    }
    alerts_.push_back(std::move(alert));
  }
  if (!points) return;
  for (Point& point : points_of(plan, reserve_bytes)) {
    auto alert = std::make_unique<Alert>();
    alert->name = point.name;
    alert->subject = point.subject;
    Condition condition;
    condition.point = std::move(point);
    alert->conditions.push_back(std::move(condition));
    alerts_.push_back(std::move(alert));
  }
}

Evaluator::~Evaluator() = default;

std::vector<Episode> Evaluator::restore(const std::vector<Episode>& open, WallTime now) {
  std::vector<Episode> unknown;
  for (const auto& alert : alerts_) alert->since = now;
  for (const Episode& episode : open) {
    if (episode.over) continue;
    const auto found = std::ranges::find_if(alerts_, [&](const auto& alert) { return alert->key() == episode.alert; });
    if (found == alerts_.end()) {
      unknown.push_back(episode);
      continue;
    }
    (*found)->state = Alert::State::firing;
    (*found)->since = episode.began;
    (*found)->text = episode.text;
    (*found)->restored = true;
  }
  return unknown;
}

std::vector<std::string> Evaluator::silent_sources() const {
  std::set<std::string> names;
  for (const plan::Alert& alert : plan_.alerts) {
    for (const plan::AlertCondition& condition : alert.conditions) {
      if (metric_kind(plan_.text(condition.metric)) != MetricKind::silence || condition.flow == plan::kNone) continue;
      const plan::Range sources = plan_.flows[condition.flow].sources;
      for (plan::Id at = 0; at < sources.count; ++at)
        names.insert(plan_.text(plan_.sources[plan_.lists[sources.first + at]].name));
    }
  }
  return {names.begin(), names.end()};
}

void Evaluator::came_before(std::string_view source, WallTime at) {
  for (const auto& alert : alerts_)
    for (Condition& condition : alert->conditions)
      if (condition.meter) condition.meter->came_before(source, at);
}

std::vector<Event> Evaluator::look(const Observed& observed) {
  std::vector<Event> events;
  if (!started_) {
    started_ = true;
    started_at_ = observed.now;
  }
  for (const auto& owned : alerts_) {
    Alert& alert = *owned;
    const Condition* holding = nullptr;
    const Condition* met = nullptr;
    for (Condition& condition : alert.conditions) {
      const bool holds = condition.look(observed);
      if (holds && !condition.held) condition.since = observed.now;
      condition.held = holds;
      if (!holds) continue;
      if (holding == nullptr) holding = &condition;
      if (met == nullptr && observed.now - condition.since >= condition.lasting()) met = &condition;
    }
    if (holding != nullptr) {
      alert.last_held = observed.now;
      alert.restored = false;
      alert.text = (met != nullptr ? met : holding)->text;
    }
    switch (alert.state) {
      case Alert::State::fine:
        if (holding == nullptr) break;
        alert.state = Alert::State::pending;
        alert.since = observed.wall;
        [[fallthrough]];
      case Alert::State::pending:
        if (met != nullptr) {
          alert.state = Alert::State::firing;
          alert.since = observed.wall;
          ++alert.fired;
          events.push_back(alert.event(observed, false));
        } else if (holding == nullptr) {
          alert.state = Alert::State::fine;
          alert.since = observed.wall;
          alert.text.clear();
        }
        break;
      case Alert::State::firing: {
        const SteadyTime calm_since = alert.restored ? started_at_ : alert.last_held;
        const std::chrono::nanoseconds wanted = alert.restored ? kCalmAfterStart : kCalm;
        if (holding != nullptr || observed.now - calm_since < wanted) break;
        Event event = alert.event(observed, true);
        event.text = fmt::format("after {}; {}", show(route::MetricUnit::duration, duration_of(alert.since, observed.wall)),
                                 alert.text.empty() ? "it began before this run" : "it was: " + alert.text);
        events.push_back(std::move(event));
        alert.state = Alert::State::fine;
        alert.since = observed.wall;
        alert.restored = false;
        alert.text.clear();
        break;
      }
    }
  }
  return events;
}

std::vector<observe::AlertStatus> Evaluator::states() const {
  std::vector<observe::AlertStatus> out;
  for (const auto& alert : alerts_) {
    if (!alert->declared && alert->state == Alert::State::fine) continue;
    observe::AlertStatus& status = out.emplace_back();
    status.name = alert->name;
    status.subject = alert->subject;
    status.declared = alert->declared;
    status.state = name_of(static_cast<int>(alert->state));
    status.since = alert->since;
    status.text = alert->text;
    status.fired = alert->fired;
    status.contacts = alert->contacts;
  }
  return out;
}

std::uint64_t Evaluator::fired(std::string_view alert) const {
  for (const auto& one : alerts_)
    if (one->key() == alert) return one->fired;
  return 0;
}

std::vector<std::string> Evaluator::contacts_of(std::string_view alert) const {
  for (const auto& one : alerts_)
    if (one->key() == alert) return one->contacts;
  return {};
}

}  // namespace smarthl7::alert

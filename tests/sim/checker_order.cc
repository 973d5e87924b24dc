// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "tests/sim/checker_parts.h"
#include "tests/sim/traffic.h"

namespace smarthl7::sim {

namespace {

using Order = RouteDestination::Order;

std::set<std::string> keys_of(Order order, const std::string& message) {
  switch (order) {
    case Order::fifo: return {""};
    case Order::keys: return patient_keys(message);
    case Order::patient: return all_identifiers(message);
    case Order::none: return {};
  }
  return {};
}

/// Messages that the hub has taken, in the order of its commits.
std::vector<const Facts::Message*> in_commit_order(const Facts& facts) {
  std::vector<const Facts::Message*> taken;
  for (const Facts::Message& message : facts.messages)
    if (message.id != 0) taken.push_back(&message);
  std::ranges::sort(taken, {}, &Facts::Message::id);
  return taken;
}

/// What was acknowledged before another one was sent for the first time was committed before it, whoever sent them.
void commits_follow_senders(Facts& facts, std::vector<const Facts::Message*> taken) {
  std::vector<const Facts::Message*> acknowledged;
  for (const Facts::Message* message : taken)
    if (message->promise->accepted) acknowledged.push_back(message);
  std::ranges::sort(acknowledged, {}, [](const auto* message) { return message->promise->accepted_at; });
  std::ranges::sort(taken, {}, [](const auto* message) { return message->promise->sent_at; });
  std::size_t next = 0;
  const Facts::Message* latest = nullptr;
  for (const Facts::Message* message : taken) {
    for (; next < acknowledged.size() && acknowledged[next]->promise->accepted_at < message->promise->sent_at; ++next)
      if (latest == nullptr || acknowledged[next]->id > latest->id) latest = acknowledged[next];
    if (latest != nullptr && latest->id > message->id)
      facts.complain(message->identity + ": sent after " + latest->identity + " was acknowledged, and committed before it");
  }
}

void arrivals_follow_commits(Facts& facts, const RouteDestination& destination, const Sink& sink,
                             const std::vector<const Facts::Message*>& taken) {
  std::map<std::string, std::size_t> first;  // place of its first arrival
  for (std::size_t i = 0; i < sink.arrivals().size(); ++i) first.try_emplace(identity_of(sink.arrivals()[i].message), i);
  std::map<std::string, std::pair<std::size_t, std::string>> last;  // of a key
  std::optional<Order> order;
  std::size_t floor = 0, highest = 0;  // what comes under another order comes after all that came before it
  for (const Facts::Message* message : taken) {
    const RouteDestination* const its = message->route != nullptr ? message->route->find(destination.name) : nullptr;
    const auto found = first.find(message->identity);
    if (found == first.end() || its == nullptr) continue;
    if (order && *order != its->order) {
      if (its->order != Order::none) floor = highest;
      last.clear();
    }
    order = its->order;
    if (found->second < floor)
      facts.complain(message->identity + ": reached " + destination.name + " before what came under the order of another plan");
    highest = std::max(highest, found->second);
    for (const std::string& key : keys_of(its->order, message->promise->message)) {
      auto& before = last[key];
      if (!before.second.empty() && found->second < before.first)
        facts.complain(message->identity + ": reached " + destination.name + " before " + before.second);
      before = {found->second, message->identity};
    }
  }
}

/// What a refusal for good holds, the lane or the messages of the same key, goes on only when a person says so. What had come
/// before may come once more: it is before the refused one, and a crash took the outcomes of both.
void held_until_resumed(Facts& facts, const RouteDestination& destination, const Sink& sink) {
  std::vector<SteadyTime> resumed;
  if (const auto found = facts.history.resumed.find(destination.name); found != facts.history.resumed.end())
    resumed = found->second;
  std::map<std::string, const Arrival*> refused;  // the last arrival of a key, if it was refused for good
  std::set<std::string> seen;
  for (const Arrival& arrival : sink.arrivals()) {
    const std::string identity = identity_of(arrival.message);
    const bool again = !seen.insert(identity).second;
    for (const std::string& key : keys_of(destination.order, arrival.message)) {
      const Arrival*& before = refused[key];
      if (!again && before != nullptr && identity_of(before->message) != identity) {
        const bool let_go = std::ranges::any_of(resumed, [&](SteadyTime at) { return at >= before->at && at <= arrival.at; });
        if (!let_go)
          facts.complain(identity + ": reached " + destination.name + " past " + identity_of(before->message) +
                         ", whose refusal holds what comes after it");
      }
      before = arrival.mood == Mood::never ? &arrival : nullptr;
    }
  }
}

}  // namespace

void check_order(Facts& facts) {
  const std::vector<const Facts::Message*> taken = in_commit_order(facts);
  commits_follow_senders(facts, taken);
  for (const auto& [name, sink] : facts.history.sinks) {
    const RouteDestination* const destination = facts.destination(name);
    if (destination == nullptr || !destination->main_line) continue;
    arrivals_follow_commits(facts, *destination, *sink, taken);
    if (destination->holds) held_until_resumed(facts, *destination, *sink);
  }
}

}  // namespace smarthl7::sim

// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/peers.h"

#include <set>

#include "tests/sim/routes.h"
#include "tests/sim/traffic.h"

namespace smarthl7::sim {

namespace {

/// `in_order`: answers are known by their order alone, so one too many would be the next message's.
std::vector<Mood> moods_of(const Scenario& scenario, bool in_order) {
  std::vector<Mood> moods;
  const auto add = [&](Part part, std::initializer_list<Mood> these) {
    if (scenario.has(part)) moods.insert(moods.end(), these);
  };
  add(Part::slow, {Mood::slow, Mood::slow});
  add(Part::late, {Mood::late});
  add(Part::silent, {Mood::silent});
  add(Part::wrong, {Mood::wrong_id, Mood::cut_id});
  add(Part::garbage, {Mood::garbage});
  add(Part::half, {Mood::half_frame});
  if (!in_order) add(Part::twice, {Mood::twice});
  add(Part::hangup, {Mood::hangs_up});
  add(Part::refuse_now, {Mood::not_now, Mood::reject});
  add(Part::refuse_good, {Mood::error});
  return moods;
}

}  // namespace

std::uint64_t Peers::messages() const {
  std::uint64_t count = 0;
  for (const auto& sender : senders) count += sender->promises().size();
  return count;
}

void Peers::start(World& world, SimExecutor& executor, Rng& rng, bool away) {
  for (const auto& sender : senders) sender->start();
  for (const auto& [name, sink] : sinks) {
    sink->start();
    if (!away || !rng.chance(400)) continue;
    const auto length = rng.micros(100'000, 20'000'000);
    executor.at(world.now() + rng.micros(0, 3'000'000), [gone = sink.get(), length] { gone->go_away(length); });
  }
}

void Peers::calm_down() {
  for (const auto& [name, sink] : sinks) sink->calm_down();
}

Peers make_peers(World& world, Wire& wire, Rng& rng, const Scenario& scenario) {
  Peers peers;
  const std::vector<std::string> labs =
      rng.chance(500) ? std::vector<std::string>{"LABA", "LABB"} : std::vector<std::string>{"LABA", "LABB", "LABC"};
  const std::uint64_t drawn = rng.between(10, 40);
  std::uint64_t left = scenario.messages != 0 ? scenario.messages : drawn;
  for (std::size_t i = 0; i < labs.size(); ++i) {
    const std::uint64_t count = left / (labs.size() - i);
    left -= count;
    SenderOptions sender;
    sender.name = labs[i];
    sender.hub = *env::Endpoint::parse(kSourceAddress);
    Rng own = rng.split();
    sender.messages = make_traffic(own, scenario, labs[i], static_cast<unsigned>(count));
    std::set<std::string> ids;
    for (const std::string& message : sender.messages)
      if (!ids.insert(field_of(message, "MSH", 10)).second) world.injected().add(Injected::conflict);
    sender.most_pause_micros = rng.chance(500) ? 2'000 : 100'000;
    sender.again_per_mille = scenario.has(Part::copies) ? 100 : 0;
    sender.late_again_per_mille = scenario.has(Part::late_copies) ? 60 : 0;
    sender.rude_per_mille = scenario.has(Part::rude) ? 40 : 0;
    sender.relayed = scenario.has(Part::respond);
    sender.delivered = scenario.has(Part::delivered);
    peers.senders.push_back(std::make_unique<Sender>(world, wire, std::move(sender)));
  }
  for (unsigned variant = 0; variant < kVariants; ++variant) {
    for (const RouteDestination& destination : route_for(scenario, variant).destinations) {
      if (peers.sinks.contains(destination.name) || (variant > 0 && !scenario.has(Part::replace))) continue;
      SinkOptions sink;
      sink.name = destination.name;
      sink.at = *env::Endpoint::parse(destination.name + ":1");
      sink.enhanced = destination.enhanced;
      sink.knows_copies = destination.once;
      sink.hub = *env::Endpoint::parse(kSourceAddress);
      sink.moody_per_mille = static_cast<unsigned>(rng.below(400));
      sink.moods = moods_of(scenario, destination.name == "mercy" && scenario.has(Part::match_order));
      sink.never_per_mille = scenario.has(Part::refuse_good) ? 20 : 0;
      peers.sinks[destination.name] = std::make_unique<Sink>(world, wire, std::move(sink));
    }
  }
  return peers;
}

}  // namespace smarthl7::sim

// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scenario.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "runtime/sim/rng.h"

namespace smarthl7::sim {

namespace {

constexpr std::uint64_t kShapes = 48;  // of the plan: compiled once each by a process that runs many histories

struct PartFacts {
  Part part;
  std::string_view name;
  unsigned per_mille;  // of the histories that have it
};
constexpr std::array<PartFacts, kParts> kFacts = {{
    {Part::enhanced, "enhanced", 250},
    {Part::respond, "respond", 180},
    {Part::delivered, "delivered", 180},
    {Part::batch, "batch", 400},
    {Part::split, "split", 350},
    {Part::patient, "patient", 600},
    {Part::pool, "pool", 350},
    {Part::conflict_reject, "conflict_reject", 500},
    {Part::match_order, "match_order", 200},
    {Part::hold, "hold", 250},
    {Part::replace, "replace", 400},
    {Part::copies, "copies", 800},
    {Part::late_copies, "late_copies", 700},
    {Part::conflicts, "conflicts", 500},
    {Part::rude, "rude", 600},
    {Part::large, "large", 700},
    {Part::slow, "slow", 800},
    {Part::late, "late", 800},
    {Part::silent, "silent", 800},
    {Part::wrong, "wrong", 800},
    {Part::garbage, "garbage", 800},
    {Part::half, "half", 800},
    {Part::twice, "twice", 800},
    {Part::hangup, "hangup", 800},
    {Part::refuse_now, "refuse_now", 800},
    {Part::refuse_good, "refuse_good", 700},
    {Part::away, "away", 500},
    {Part::pieces, "pieces", 800},
    {Part::latency, "latency", 300},
    {Part::cuts, "cuts", 700},
    {Part::refused_connects, "refused_connects", 700},
    {Part::kill, "kill", 800},
    {Part::power, "power", 800},
    {Part::failed_sync, "failed_sync", 600},
    {Part::slow_sync, "slow_sync", 300},
    {Part::full_disk, "full_disk", 400},
    {Part::clock, "clock", 500},
    {Part::stops, "stops", 600},
    {Part::small_store, "small_store", 600},
    {Part::replays, "replays", 500},
    {Part::urgent, "urgent", 300},
    {Part::once, "once", 300},
    {Part::reorder, "reorder", 400},
}};
static_assert([] {
  for (std::size_t i = 0; i < kParts; ++i)
    if (kFacts[i].part != static_cast<Part>(i)) return false;
  return true;
}());

bool drawn(std::uint64_t seed, Part part) {
  const bool of_plan = part < Part::copies || part >= Part::urgent;
  Rng rng((of_plan ? seed % kShapes : seed) * 0x51D0'0000'0001ULL + static_cast<std::uint64_t>(part) * 0x9E37ULL);
  rng.next();
  return rng.chance(kFacts[static_cast<std::size_t>(part)].per_mille);
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view name_of(Part part) { return kFacts[static_cast<std::size_t>(part)].name; }

bool Scenario::has(Part part) const {
  if ((left_out >> static_cast<unsigned>(part)) & 1U) return false;
  // A sender's answer is one thing only, and what a receiver says about a copy is its own.
  if (part == Part::delivered && has(Part::respond)) return false;
  if (part == Part::conflicts && has(Part::respond)) return false;
  if (part == Part::once && has(Part::conflicts)) return false;  // two messages under one id are one to such a receiver
  if (part == Part::reorder && has(Part::hold)) return false;    // what a refusal holds is told by one order
  return drawn(seed, part);
}

std::string Scenario::text() const {
  std::string out = fmt::format("--seed {}", seed);
  if (messages != 0) out += fmt::format(" --messages {}", messages);
  if (lives != 0) out += fmt::format(" --lives {}", lives);
  std::string names;
  for (const PartFacts& facts : kFacts)
    if ((left_out >> static_cast<unsigned>(facts.part)) & 1U) names += (names.empty() ? "" : ",") + std::string(facts.name);
  if (!names.empty()) out += " --without " + names;
  return out;
}

bool Scenario::leave_out(std::string_view names) {
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    bool known = false;
    for (const PartFacts& facts : kFacts) {
      if (facts.name != name) continue;
      leave_out(facts.part);
      known = true;
    }
    if (!known) return false;
  }
  return true;
}

std::optional<Scenario> Scenario::parse(const std::vector<std::string>& words) {
  Scenario scenario;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--without") {
      if (!scenario.leave_out(words[i + 1])) return std::nullopt;
      continue;
    }
    const auto value = number(words[i + 1]);
    if (!value) return std::nullopt;
    if (words[i] == "--seed") {
      scenario.seed = *value;
    } else if (words[i] == "--messages") {
      scenario.messages = static_cast<std::uint32_t>(*value);
    } else if (words[i] == "--lives") {
      scenario.lives = static_cast<std::uint32_t>(*value);
    } else {
      return std::nullopt;
    }
  }
  if (words.size() % 2 != 0) return std::nullopt;
  return scenario;
}

}  // namespace smarthl7::sim

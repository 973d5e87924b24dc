// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

#include "compiler/diag/render.h"
#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"

namespace smarthl7::sim {

namespace {

using Order = RouteDestination::Order;

std::string order_text(const RouteDestination& destination) {
  switch (destination.order) {
    case Order::fifo: return "";
    case Order::keys: return fmt::format("  order by PID-3[1].1, PID-18.1\n  connections {}\n", destination.lanes);
    case Order::patient: return fmt::format("  order by patient\n  connections {}\n", destination.lanes);
    case Order::none: return fmt::format("  order none\n  connections {}\n", destination.lanes);
  }
  return "";
}

std::vector<RouteDestination> destinations_of(const Scenario& scenario, unsigned variant) {
  constexpr std::array<std::uint32_t, kVariants> kKeyed = {3, 2, 4};
  constexpr std::array<std::uint32_t, kVariants> kPatient = {4, 5, 3};
  constexpr std::array<std::uint32_t, kVariants> kPool = {3, 1, 2};
  const bool enhanced = scenario.has(Part::enhanced);
  std::vector<RouteDestination> all;
  all.push_back({"mercy", Order::fifo, 1, true, enhanced, scenario.has(Part::hold)});
  all.push_back({"archive", Order::keys, kKeyed[variant], true, enhanced, scenario.has(Part::hold)});
  if (scenario.has(Part::reorder) && variant == 1) all.back().order = Order::patient;
  if (scenario.has(Part::reorder) && variant == 2) all.back().order = Order::fifo;
  if (all.back().order == Order::fifo) all.back().lanes = 1;
  all.front().once = scenario.has(Part::once);
  if (scenario.has(Part::patient)) all.push_back({"mpi", Order::patient, kPatient[variant], true, false, false});
  if (scenario.has(Part::pool)) all.push_back({"pool", Order::none, kPool[variant], true, false, false});
  for (RouteDestination& destination : all)
    destination.urgent = scenario.has(Part::urgent) && variant != 1 && destination.order != Order::fifo &&
                         (destination.name == "archive" || destination.name == "pool");
  if (variant > 0) all.push_back({"extra", Order::fifo, 1, true, false, false});
  if (scenario.has(Part::split)) all.push_back({"orders", Order::fifo, 1, false, false, false});
  if (scenario.has(Part::batch)) all.push_back({"registry", Order::fifo, 1, false, false, false});
  return all;
}

std::string text_of(const Scenario& scenario, const std::vector<RouteDestination>& destinations) {
  std::string out = "language 1\n\nsource lab = mllp {\n  listen   \"hub.example:2575\"\n";
  out += "  accept   ORU^R01, ADT^A08, ADT^A17, ADT^A40\n";
  if (scenario.has(Part::delivered)) out += "  ack      when delivered within 800ms\n";
  out += "  insecure because \"a simulation\"\n}\n\nretry steady { first 50ms  most 2s  give_up after 365d }\n";
  if (scenario.has(Part::once)) out += "retry patient { first 50ms  most 2s  give_up after 3d }\n";
  for (const RouteDestination& destination : destinations) {
    out += fmt::format("\ndestination {0} = mllp {{\n  connect \"{0}.example:2575\"\n  ack within 1s\n", destination.name);
    if (destination.enhanced) out += "  accept_ack AL\n  application_ack AL\n  application ack within 1s\n";
    if (destination.name == "mercy" && scenario.has(Part::match_order)) out += "  match order\n";
    if (destination.holds) out += fmt::format("  on refusal hold {}\n", destination.order == Order::fifo ? "lane" : "key");
    out += order_text(destination);
    if (destination.urgent) out += "  urgent by TQ1-9.1\n  codes \"S\"\n";
    if (destination.once) out += "  delivery exactly_once\n  idempotent by MSH-3, MSH-10 within 7d\n";
    out += destination.once ? "  retry patient\n" : "  retry steady\n";
    out += "    insecure because \"a simulation\"\n}\n";
  }
  if (scenario.has(Part::split)) out += "\nmessage result = hl7 2.5.1 ORU_R01 {\n}\n";
  const bool rejects = scenario.has(Part::conflict_reject);
  out += fmt::format("\nflow results {{\n  from lab\n  dedup by MSH-3, MSH-10 within 7d{}\n",
                     rejects ? " conflict reject AE" : "");
  for (const RouteDestination& destination : destinations)
    if (destination.main_line) out += fmt::format("  -> {}\n", destination.name);
  if (scenario.has(Part::split))
    out +=
        "  branch {\n    route type {\n      ORU^R01 -> {\n        validate result else dead \"not a result\"\n        split "
        "each ORDER_OBSERVATION\n        -> orders\n      }\n"
        "      otherwise -> drop \"no result\"\n    }\n  }\n";
  if (scenario.has(Part::batch))
    out += fmt::format("  branch {{\n    batch up to {} or 1s\n    -> registry\n  }}\n", kBatchMessages);
  if (scenario.has(Part::respond)) out += "  respond from mercy within 500ms\n";
  return out + "}\n";
}

std::string hex(const Sha256& digest) {
  std::string out;
  for (const auto byte : digest) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return out;
}

void compile(Route& route) {
  const auto compiled = driver::compile_texts({{"histories.route", route.text}}, driver::files_of(""));
  if (!compiled.plan) {
    for (const diag::Diagnostic& diagnostic : compiled.diagnostics)
      fmt::print(stderr, "{}", diag::render_human(diagnostic, *compiled.sources));
    std::abort();
  }
  const Sha256 digest = plan::plan_digest(*compiled.plan);
  auto bound = eval::bind(*compiled.plan, digest, {});
  SMARTHL7_ASSERT(bound.has_value(), "the plan of the histories binds");
  route.plan = *std::move(bound);
  route.digest = hex(digest);
}

}  // namespace

const RouteDestination* Route::find(const std::string& name) const {
  const auto found = std::ranges::find(destinations, name, &RouteDestination::name);
  return found == destinations.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> most_lanes(const std::vector<const Route*>& ran, const std::string& destination) {
  std::set<std::uint32_t> lanes;
  for (const Route* route : ran) {
    const RouteDestination* const known = route->find(destination);
    if (known == nullptr) continue;
    if (known->holds && known->order != RouteDestination::Order::fifo) return std::nullopt;
    lanes.insert(known->lanes + (known->urgent ? 1 : 0));
  }
  const std::uint64_t all = std::accumulate(lanes.begin(), lanes.end(), std::uint64_t{0});
  return lanes.size() < 2 ? std::max<std::uint64_t>(1, all) : 2 * all;  // dealt anew by each plan that comes
}

const Route& route_for(const Scenario& scenario, unsigned variant) {
  static std::map<std::string, Route> known;
  Route route;
  route.destinations = destinations_of(scenario, variant);
  route.text = text_of(scenario, route.destinations);
  auto [at, fresh] = known.try_emplace(route.text);
  if (fresh) {
    at->second = std::move(route);
    compile(at->second);
  }
  return at->second;
}

}  // namespace smarthl7::sim

// SPDX-License-Identifier: Apache-2.0
// plan show, plan diff, plan graph: what looks into plans.
#include <algorithm>
#include <iostream>

#include "compiler/diag/json.h"
#include "compiler/docs/dot.h"
#include "compiler/docs/svg.h"
#include "compiler/plan/difference.h"
#include "compiler/plan/plan_file.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/commands/write_file.h"
#include "stdlib/base/digest.h"

namespace smarthl7::app {

int plan_show(const std::string& file, bool json) {
  const auto input = load_plan({file}, {});
  if (!input) return input.error();
  const std::string text = plan::describe_plan(input->plan);
  if (json) {
    std::cout << "{\"digest\":\"" << to_hex(input->digest) << "\",\"text\":" << diag::json_quote(text) << "}\n";
  } else {
    std::cout << "plan " << to_hex(input->digest) << "\n" << text;
  }
  return kFine;
}

int plan_diff(const std::string& before, const std::string& after, bool json) {
  const auto old = load_plan({before}, {});
  if (!old) return old.error();
  const auto now = load_plan({after}, {});
  if (!now) return now.error();
  const std::vector<plan::Change> changes = plan::difference(old->plan, now->plan);
  if (json) {
    std::cout << "{\"before\":\"" << to_hex(old->digest) << "\",\"after\":\"" << to_hex(now->digest) << "\",\"changes\":"
              << diag::json_array(
                     changes,
                     [](const plan::Change& one) {
                       return "\n{\"area\":" + diag::json_quote(plan::name_of(one.area)) +
                              ",\"subject\":" + diag::json_quote(one.subject) + ",\"place\":" + diag::json_quote(one.place) +
                              ",\"before\":" + diag::json_quote(one.before) + ",\"after\":" + diag::json_quote(one.after) + "}";
                     })
              << "}\n";
    return changes.empty() && old->digest == now->digest ? kFine : kFindings;
  }
  if (old->digest == now->digest) {
    std::cout << "the plans do the same (" << to_hex(old->digest).substr(0, 16) << ")\n";
    return kFine;
  }
  std::cout << "from " << to_hex(old->digest).substr(0, 16) << " to " << to_hex(now->digest).substr(0, 16) << "\n";
  if (changes.empty()) std::cout << "nothing changes for messages; the plans were made by other versions of this program\n";
  const plan::Change* last = nullptr;
  for (const plan::Change& one : changes) {
    if (last == nullptr || last->area != one.area) std::cout << "\n" << plan::name_of(one.area) << "\n";
    if (last == nullptr || last->area != one.area || last->subject != one.subject) std::cout << "  " << one.subject << "\n";
    std::cout << "    " << plan::sentence(one) << "\n";
    last = &one;
  }
  return kFindings;
}

int plan_graph(const GraphOptions& options) {
  const auto input = load_plan(options.paths, {});
  if (!input) return input.error();
  const auto& flows = input->plan.flows;
  const auto named = [&](const plan::Flow& flow) { return input->plan.text(flow.name) == options.flow; };
  if (!options.flow.empty() && std::none_of(flows.begin(), flows.end(), named)) {
    std::cerr << "smarthl7: there is no flow `" << options.flow << "`\nhelp: there are";
    for (const plan::Flow& flow : flows) std::cerr << " " << input->plan.text(flow.name);
    std::cerr << "\n";
    return kFindings;
  }
  const std::string drawn =
      options.format == "dot" ? docs::dot(input->plan, options.flow) : docs::svg(docs::picture(input->plan, options.flow));
  if (options.output.empty()) {
    std::cout << drawn;
    return kFine;
  }
  if (const auto written = write_file(options.output, drawn); !written) {
    std::cerr << "smarthl7: " << written.error().describe() << "\n";
    return kEnvironment;
  }
  std::cout << options.output << "\n";
  return kFine;
}

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// What another plan changes, in words: for messages, mappings, flows, destinations, patient data and retries. Two plans of one
// digest have no difference; what only moved in its file is none either.
// Value types; pure function; any thread. Both plans are ones that read_plan() or lower() gave.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"

namespace smarthl7::plan {

/// In the order in which a reader wants to know.
enum class Area : std::uint8_t { sources, messages, mappings, redactions, flows, destinations, phi, retries, tables, settings };
[[nodiscard]] const char* name_of(Area area);

struct Change {
  Area area = Area::flows;
  std::string subject;  // "flow lab_results", "destination mercy"
  std::string place;    // inside of it: "route PV1-3.4.1"; may be empty
  std::string before;   // empty: it is new
  std::string after;    // empty: it is gone
  SMARTHL7_PLAN_EQUALITY(Change)
};
/// "route PV1-3.4.1, "TEST": now drop "...", was -> mercy".
[[nodiscard]] std::string sentence(const Change& change);

/// By area, then as the new plan has them, what is gone where the old one had it.
[[nodiscard]] std::vector<Change> difference(const Plan& before, const Plan& after);

}  // namespace smarthl7::plan

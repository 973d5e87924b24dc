// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/validate_charset.h"

#include <algorithm>
#include <span>

namespace smarthl7::hl7 {

void check_bytes(const Message& message, const TextEncoding& encoding, const Placement& placement, const Placer& placer,
                 Strictness strictness, std::vector<Finding>& findings, Tally& tally) {
  const std::size_t before = findings.size();
  check_charset(message, encoding, findings);
  for (Finding& finding : std::span(findings).subspan(before)) {
    // It stands in a field, which `tolerant` lets pass.
    if (strictness == Strictness::tolerant) finding.severity = std::max(finding.severity, Severity::warning);
    // A line that holds only a switch of sets is none in UTF-8.
    const bool placed = message.segment_count() == placement.segment_count();
    if (placed) finding.path = finding_in(message, placement, placer, finding.location).path;
    ++(finding.severity == Severity::error ? tally.errors : tally.others);
  }
}

}  // namespace smarthl7::hl7

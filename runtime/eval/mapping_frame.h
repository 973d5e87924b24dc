// SPDX-License-Identifier: Apache-2.0
// What a mapping knows beside the message: where the `insert` blocks around stand, and what the header of a new message is made
// of. Values; MadeHeader is made once when a plan is bound. Any thread; no failure. Internal to this folder. The header's
// fields: HL7 2.5.1 chapter 2.15.9; MSH-9.3 since 2.3.1.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/plan/plan.h"
#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::eval {

/// The block of an `insert`: a group or segment that is made, or a repetition of a field.
struct MadeFrame {
  std::uint32_t item = 0;  // of Making; for a repetition its segment
  bool of_input = false;   // the repetition stands in a segment that came in: `place`
  hl7::Location place;     // field and repetition
};

/// MSH is carried over byte for byte, but for its type, its version, its profile (MSH-21 speaks of the message that came in)
/// and what the new version does not have.
struct MadeHeader {
  MadeHeader() = default;
  MadeHeader(const plan::Plan& plan, const plan::Mapping& mapping, hl7::Version to, hl7::Version from);

  bool made = false;
  std::string_view code, trigger, structure, version;  // an empty trigger stays; structure: if the version has MSH-9.3
  bool version_has_parts = false;                      // MSH-12 of the new version is a composite
  std::vector<std::uint16_t> dropped;                  // fields that do not come over
  std::vector<std::uint16_t> first_only;               // fields of which the first component does: the version has no more
};

}  // namespace smarthl7::eval

// SPDX-License-Identifier: Apache-2.0
// What a message is: the version whose facts read it and the structure it has, from MSH-9 and MSH-12 (chapter 2, MSH; tables
// 0076, 0003, 0354). Senders leave these out, abbreviate them and get them wrong; this is the one place that decides what is
// taken then, and says so in findings (table 0357: 200, 201, 203) without a value of the message. Pure; any thread;
// allocates only for findings.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "stdlib/hl7/dictionary/dictionary.h"
#include "stdlib/hl7/finding.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

struct MessageType {
  Version version = {};        // whose facts read the message; never empty
  Structure structure = {};    // empty if nothing says which it is
  bool exact_version = false;  // MSH-12 names that version

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(structure); }
};

/// Who the message is read for: what is taken where it does not say.
struct TypeHints {
  Version version = {};                   // where MSH-12 is absent or no version; empty: the newest
  std::span<const Structure> local = {};  // structures of the site, which come before the standard's
};

/// Appends what is wrong with MSH-9 and MSH-12 to `findings` where one is given:
///   MSH-12 absent or no version     error 203; the hint's version, or the newest, reads it
///   a version without facts         warning 203; the nearest lower one reads it (below 2.1: that one)
///   MSH-12 lies: the type is of a later version only   warning 203; the first one that has it reads it
///   MSH-9.3 absent                  none: the event says it (table 0354)
///   MSH-9.3 no structure, or not the event's           warning 200; the event says it, if the version knows it
///   MSH-9.1 absent or unknown       error 200
///   MSH-9.2 absent or unknown       error 201, unless the code has one structure, or MSH-9.3 names one
[[nodiscard]] MessageType message_type(const Message& message, const TypeHints& hints = {},
                                       std::vector<Finding>* findings = nullptr);

/// The structure of a message in one version, whatever MSH-12 says; empty if neither name nor event leads there.
[[nodiscard]] Structure structure_of(const Message& message, Version version);
/// The same for the texts of MSH-9.1, 9.2 and 9.3.
[[nodiscard]] Structure structure_of(std::string_view code, std::string_view event, std::string_view named, Version version);

/// Is the message one of that structure? Of a site's own (local_structure.h): by its name in MSH-9.3, or by code and event.
[[nodiscard]] bool is_of(const Message& message, Version version, Structure structure);

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// MSH-9 of what a mapping to another message makes: code and event of the result's structure (HL7 2.5.1 chapter 2.16, table
// 0354). Pure function; any thread; no failure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/facts.h"

namespace smarthl7::check {

struct MadeEvent {
  std::string code;                  // "ADT"
  std::string trigger;               // "A04"; empty: see `kept`
  bool kept = false;                 // the event of the message that comes in is one of the result's
  std::vector<std::string> choices;  // else: the events that the structure has, of which the mapping names one
};
[[nodiscard]] MadeEvent made_event(const MessageType& from, const MessageType& to);

}  // namespace smarthl7::check

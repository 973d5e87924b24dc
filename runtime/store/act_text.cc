// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/act_text.h"

#include <fmt/format.h>

#include "runtime/store/acts.h"
#include "stdlib/base/assert.h"

namespace smarthl7::store {

std::string_view name_of(LetterState state) {
  switch (state) {
    case LetterState::open: return "open";
    case LetterState::replayed: return "replayed";
    case LetterState::dropped: return "dropped";
  }
  SMARTHL7_UNREACHABLE("a letter's state without a name");
}

std::string_view name_of(ActKind kind) {
  switch (kind) {
    case ActKind::replayed: return "replayed";
    case ActKind::edited: return "edited";
    case ActKind::dropped: return "dropped";
    case ActKind::held: return "held";
    case ActKind::released: return "released";
    case ActKind::resolved: return "resolved";
  }
  return "act of a newer version";
}

std::string delivery_text(std::uint32_t number) {
  return number == kEndedByFlow ? std::string("what the flow ended") : fmt::format("delivery {}", number);
}

std::string describe(const ActEntry& act) {
  std::string text;
  switch (act.kind) {
    case ActKind::replayed:
    case ActKind::edited:
    case ActKind::dropped:
      text = fmt::format("message {}, {}, {}{}", act.delivery.message, delivery_text(act.delivery.number),
                         act.kind != ActKind::replayed || act.letter ? "dead letter of " : "of ", act.name);
      if (act.kind == ActKind::replayed) text += fmt::format(", as message {}", act.made);
      break;
    case ActKind::held:
    case ActKind::released:
      text = std::string(act.name);
      if (act.lane != kAllLanes) text += fmt::format(" lane {}", act.lane);
      break;
    case ActKind::resolved:
      text = fmt::format("ambiguous deliveries of {}{}: {}", act.name,
                         act.made == 0 ? std::string() : fmt::format(" through message {}", act.made), act.outcome);
      break;
  }
  if (!act.detail.empty()) text += ", " + std::string(act.detail);
  if (!act.reason.empty()) text += ": " + std::string(act.reason);
  return text;
}

}  // namespace smarthl7::store

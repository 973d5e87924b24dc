// SPDX-License-Identifier: Apache-2.0
// Which item of a redaction has the say over a place of a message, and what happens there: the one answer that check proves
// with and evaluation works by. A rule speaks of a place (a segment, field, component or subcomponent, in every occurrence) or
// of labels. A rule of a later layer (a redaction that starts `from` another) has the say over every earlier one; in a layer a
// deeper place over a shallower one, a place over a kind, a kind over a label. Value types; pure; any thread; no failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stdlib/hl7/message.h"
#include "stdlib/hl7/phi_method.h"

namespace smarthl7::hl7 {

struct RedactionRule {
  std::uint16_t layer = 0;
  NameKey segment = 0;      // 0: a rule of labels
  std::uint16_t field = 0;  // 0: all of the segment; and so on
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;
  std::uint32_t kinds = 0;   // bits of PhiKind
  std::uint32_t labels = 0;  // bits of PhiLabel
  PhiMethod method = PhiMethod::keep;
};

struct RedactionPlace {
  NameKey segment = 0;
  std::uint16_t field = 0;
  std::uint16_t component = 0;
  std::uint16_t subcomponent = 0;
};

/// Index of the rule that has the say; nullopt: no rule speaks of the place. `mark` is what the place is labelled as: by the
/// standard or the site, never by what a mapping put there. A value without parts is component 1, subcomponent 1 of its field.
[[nodiscard]] std::optional<std::size_t> rule_for(std::span<const RedactionRule> rules, const RedactionPlace& place,
                                                  PhiMark mark);

struct RedactionEffect {
  PhiMethod method = PhiMethod::keep;
  std::optional<std::size_t> rule;  // none: what the redaction does with what it does not name
};
/// What happens to a value at a place. What no rule names stays, or goes from an `allow`; but of MSH what every receiver needs
/// to read and answer a message stays (MSH-1, 2, 9, 10, 11, 12, 18), and MSH-7 as a year, unless a rule names the place.
/// A method that does not fit the kind (method_fits) removes.
[[nodiscard]] RedactionEffect effect_at(std::span<const RedactionRule> rules, bool allow, const RedactionPlace& place,
                                        PhiMark mark);

/// A word of `labels ...`: a label (`direct`, `quasi`, `clinical`, `none`) or a kind (`name`, `zip`, `date`, `text`, ...).
struct RedactionLabel {
  std::string_view word;
  std::uint32_t kinds = 0;
  std::uint32_t labels = 0;
};
[[nodiscard]] std::span<const RedactionLabel> redaction_labels();
[[nodiscard]] const RedactionLabel* redaction_label(std::string_view word);  // null: there is no such word

}  // namespace smarthl7::hl7

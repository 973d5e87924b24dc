// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/redaction_rules.h"

#include <algorithm>
#include <array>

namespace smarthl7::hl7 {
namespace {

constexpr NameKey kMsh = name_key("MSH");

template <class E>
constexpr std::uint32_t bit(E value) {
  return std::uint32_t{1} << static_cast<unsigned>(value);
}
constexpr RedactionLabel kind(std::string_view word, PhiKind value) { return {word, bit(value), 0}; }

constexpr std::array kLabels = {
    RedactionLabel{"none", bit(PhiKind::none), bit(PhiLabel::none)},
    RedactionLabel{"clinical", bit(PhiKind::clinical), bit(PhiLabel::clinical)},
    RedactionLabel{"quasi", 0, bit(PhiLabel::quasi)},
    RedactionLabel{"direct", 0, bit(PhiLabel::direct)},
    RedactionLabel{"text", bit(PhiKind::text), bit(PhiLabel::free_text)},
    kind("name", PhiKind::name),
    kind("street", PhiKind::street),
    kind("place", PhiKind::place),
    kind("zip", PhiKind::zip),
    kind("date", PhiKind::date),
    kind("age", PhiKind::age),
    kind("phone", PhiKind::phone),
    kind("fax", PhiKind::fax),
    kind("email", PhiKind::email),
    kind("ssn", PhiKind::ssn),
    kind("mrn", PhiKind::mrn),
    kind("plan", PhiKind::plan),
    kind("account", PhiKind::account),
    kind("licence", PhiKind::licence),
    kind("vehicle", PhiKind::vehicle),
    kind("device", PhiKind::device),
    kind("url", PhiKind::url),
    kind("ip", PhiKind::ip),
    kind("biometric", PhiKind::biometric),
    kind("photo", PhiKind::photo),
    kind("other", PhiKind::other),
    kind("unknown", PhiKind::unknown),
};

/// How closely a rule speaks of the place: 0 not at all.
unsigned closeness(const RedactionRule& rule, const RedactionPlace& place, PhiMark mark) {
  if (rule.segment == 0) {
    if ((rule.kinds & bit(mark.kind)) != 0) return 2;
    return (rule.labels & bit(mark.label)) != 0 ? 1 : 0;
  }
  if (rule.segment != place.segment) return 0;
  if (rule.field == 0) return 3;
  if (rule.field != place.field) return 0;
  if (rule.component == 0) return 4;
  if (rule.component != place.component) return 0;
  if (rule.subcomponent == 0) return 5;
  return rule.subcomponent == place.subcomponent ? 6 : 0;
}

bool of_envelope(std::uint16_t field) { return field == 1 || field == 2 || (field >= 9 && field <= 12) || field == 18; }

}  // namespace

std::optional<std::size_t> rule_for(std::span<const RedactionRule> rules, const RedactionPlace& place, PhiMark mark) {
  std::optional<std::size_t> found;
  unsigned best = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const unsigned close = closeness(rules[i], place, mark);
    if (close == 0) continue;
    const bool later = found && rules[i].layer > rules[*found].layer;
    if (!found || later || (rules[i].layer == rules[*found].layer && close >= best)) {
      found = i;
      best = close;
    }
  }
  return found;
}

RedactionEffect effect_at(std::span<const RedactionRule> rules, bool allow, const RedactionPlace& place, PhiMark mark) {
  RedactionEffect effect;
  effect.rule = rule_for(rules, place, mark);
  const bool named = effect.rule && rules[*effect.rule].segment != 0;
  if (place.segment == kMsh && allow && !named) {
    if (of_envelope(place.field)) return {PhiMethod::keep, effect.rule};
    if (place.field == 7 && !effect.rule) return {PhiMethod::year, std::nullopt};
  }
  if (!effect.rule) {
    effect.method = allow ? PhiMethod::remove : PhiMethod::keep;
    return effect;
  }
  effect.method = rules[*effect.rule].method;
  if (mark.identifies() && !method_fits(effect.method, mark.kind)) effect.method = PhiMethod::remove;
  return effect;
}

std::span<const RedactionLabel> redaction_labels() { return kLabels; }

const RedactionLabel* redaction_label(std::string_view word) {
  const auto at = std::find_if(kLabels.begin(), kLabels.end(), [word](const RedactionLabel& one) { return one.word == word; });
  return at == kLabels.end() ? nullptr : &*at;
}

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// The units of the set by their symbols (UCUM tables 1 to 20: values as given there), with or without a prefix, and spellings
// from outside of UCUM that laboratories send. Constants; any thread; what is not there is nullopt or empty.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "stdlib/builtins/facts/unit.h"

namespace smarthl7::builtins {

struct UnitRow {
  std::string_view symbol;
  std::string_view name;
  bool metric = false;  // takes prefixes
  Unit unit;
};

/// `g`, `mg`, `mm[Hg]`; not the temperatures that find_scale() knows.
[[nodiscard]] std::optional<Unit> find_symbol(std::string_view symbol);
[[nodiscard]] Scale find_scale(std::string_view symbol);
[[nodiscard]] std::span<const UnitRow> unit_rows();

/// What a spelling outside of UCUM means, in UCUM; the spelling is in small letters and without blanks. Empty: not known.
[[nodiscard]] std::string_view find_spelling(std::string_view small);

}  // namespace smarthl7::builtins

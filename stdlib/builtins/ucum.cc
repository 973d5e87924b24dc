// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/builder.h"
#include "stdlib/builtins/facts/latin.h"
#include "stdlib/builtins/facts/unit.h"
#include "stdlib/builtins/facts/unit_table.h"
#include "stdlib/builtins/utf8.h"

namespace smarthl7::builtins {
namespace {

constexpr Parameter kParameters[] = {{"text", Type::text}};
constexpr Example kExamples[] = {
    {R"(ucum("MG/DL"))", R"("mg/dL")"},  {R"(ucum("mg/dl"))", R"("mg/dl")"},     {R"(ucum("mcg/mL"))", R"("ug/mL")"},
    {R"(ucum("mmHg"))", R"("mm[Hg]")"},  {R"(ucum("mIU/mL"))", R"("m[iU]/mL")"}, {R"(ucum("x10^9/L"))", R"("10*9/L")"},
    {R"(ucum("K/uL"))", R"("10*3/uL")"}, {R"(ucum("°C"))", R"("Cel")"},          {R"(ucum("mg/24 hr"))", R"x("mg/(24.h)")x"},
    {R"(ucum("bananas"))", R"(fails)"},
};

/// Small letters, no blanks, the signs of keyboards: micro is u, a degree is deg, raised 2 and 3 are ^2 and ^3.
std::string_view plain(std::string_view text, Arena& arena) {
  Builder builder(arena, text.size() * 2);
  for (; !text.empty(); text.remove_prefix(character_size(text))) {
    const std::string_view character = text.substr(0, character_size(text));
    const char c = character[0];
    if (character.size() > 1) {
      builder.put(ascii_for(code_of(text)).value_or("?"));
    } else if (c >= 'A' && c <= 'Z') {
      builder.put(static_cast<char>(c - 'A' + 'a'));
    } else if (c != ' ' && c != '\t') {
      builder.put(c);
    }
  }
  return builder.text();
}

bool apply(std::span<const Value> arguments, Arena& arena, Value& result) {
  const std::string_view text = arguments[0].text;
  const bool is_ucum = parse_unit(text).has_value();
  const bool counts = text.starts_with("K/") || text.starts_with("k/");  // thousands, and kelvin to UCUM
  if (is_ucum && !counts) {
    result = arguments[0];
    return true;
  }
  if (text.size() > kMostUnitText) return false;
  const std::string_view small = plain(text, arena);
  if (const std::string_view whole = find_spelling(small); !whole.empty()) {
    result = Value::of(whole);
    return true;
  }
  Builder builder(arena, kMostUnitText * 4);
  for (std::string_view rest = small;; rest.remove_prefix(1)) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    const std::string_view known = find_spelling(part);
    builder.put(known.empty() ? part : known);
    rest.remove_prefix(end);
    if (rest.empty()) break;
    builder.put('/');
  }
  if (!parse_unit(builder.text())) return false;
  result = builder.value();
  return true;
}

}  // namespace

const Function kUcum = {
    .name = "ucum",
    .parameters = kParameters,
    .repeats = false,
    .result = Type::text,
    .can_fail = "the text is neither a unit of UCUM nor a spelling that is known",
    .doc =
        "The unit in the notation of UCUM: a text that is a unit already stays; common spellings (`mcg/dl`, "
        "`mmHg`, `IU/L`, `K/uL`, `x10^9/L`, `°C`, `hrs`) become theirs, in any case, with or without blanks. "
        "`K/uL` is read as thousands, though to UCUM it is kelvin.",
    .examples = kExamples,
    .apply = apply,
    .group = Group::units,
};

}  // namespace smarthl7::builtins

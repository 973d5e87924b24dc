// SPDX-License-Identifier: Apache-2.0
// What each place of a message says about a person: the eighteen identifiers of 45 CFR 164.514(b)(2)(i)(A)-(R), which of them
// a limited data set may keep ((e)(2)), what is health data without identifying, and what is about nobody. The table is
// phi_labels.txt; what it does not know is a direct identifier, and free text counts as one until it is dropped. Value types;
// any thread; no failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stdlib/hl7/dictionary/dictionary.h"

namespace smarthl7::hl7 {

/// Weakest first: the label of what is made of several values is the strongest of theirs.
enum class PhiLabel : std::uint8_t {
  none,       // not about a person
  clinical,   // about the person's health or care, no identifier
  quasi,      // safe harbor removes it (b)(2); a limited data set may keep it (e)(2)
  free_text,  // may say anything, so it is identified until it is dropped
  direct,     // both remove it
};

/// Which identifier it is; the letters are those of 164.514(b)(2)(i).
enum class PhiKind : std::uint8_t {
  none,
  clinical,
  name,       // A
  street,     // B: what is finer than a town or a ZIP code
  place,      // B: a town, a county
  zip,        // B: a ZIP code
  date,       // C
  age,        // C: over 89
  phone,      // D
  fax,        // E
  email,      // F
  ssn,        // G
  mrn,        // H
  plan,       // I: health plan beneficiary
  account,    // J
  licence,    // K: certificate, licence
  vehicle,    // L
  device,     // M
  url,        // N
  ip,         // O
  biometric,  // P
  photo,      // Q
  other,      // R: any other unique number, characteristic or code
  text,       // free text, embedded documents
  unknown,    // no entry: closed by default
};
inline constexpr std::size_t kPhiKinds = 25;

struct PhiMark {
  PhiLabel label = PhiLabel::none;
  PhiKind kind = PhiKind::none;
  /// At least a quasi-identifier: safe harbor has something to do.
  [[nodiscard]] bool identifies() const { return label >= PhiLabel::quasi; }
  friend bool operator==(const PhiMark&, const PhiMark&) = default;
};

/// The stronger of two; the first if they are equally strong.
[[nodiscard]] constexpr PhiMark stronger(PhiMark a, PhiMark b) { return b.label > a.label ? b : a; }

/// Of a place: numbers from 1, as in a path. Component or subcomponent 0: the whole, the strongest of its parts. A field,
/// component or segment that the version does not have is unknown, which is direct.
[[nodiscard]] PhiMark label_of(Version version, std::string_view segment, unsigned field, unsigned component = 0,
                               unsigned subcomponent = 0);
/// Of a value whose type another field gives (OBX-5 from OBX-2), in a field of the table's or of no kind of its own.
[[nodiscard]] PhiMark label_of_type(Version version, std::string_view type, unsigned component = 0, unsigned subcomponent = 0);
/// Whether the table has a line for the field (withdrawn fields that senders still fill have one).
[[nodiscard]] bool has_own_label(std::string_view segment, unsigned field);

/// The label that a kind has by itself.
[[nodiscard]] PhiLabel label_of_kind(PhiKind kind);
/// Of a route file: `direct`, `quasi`, `clinical`, `none`; a field of a site's own segment. Text types with `clinical` are
/// what the site says they are.
[[nodiscard]] std::optional<PhiMark> declared_label(std::string_view word);
/// "direct", "quasi", "clinical", "none", "free text".
[[nodiscard]] std::string_view label_name(PhiLabel label);
/// "name", "town or county", "date": a kind in words.
[[nodiscard]] std::string_view kind_name(PhiKind kind);
/// "A" to "R"; empty for what is no identifier by itself.
[[nodiscard]] std::string_view kind_letter(PhiKind kind);

}  // namespace smarthl7::hl7

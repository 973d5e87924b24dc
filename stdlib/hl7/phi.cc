// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/phi.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace smarthl7::hl7 {
namespace {

// What the table writes for a part: a kind, with kOwn the field's, with kByType what the part's own type says.
constexpr std::uint8_t kOwn = 100;
constexpr std::uint8_t kByType = 101;
constexpr std::uint8_t kNoKind = 102;   // a type without a kind of its own
constexpr std::uint8_t kStrong = 0x80;  // in a field's kind: direct, whatever the kind's label

struct TypeRow {
  std::string_view name;
  std::uint8_t kind;
  std::uint16_t first, count;  // of kParts; none: every part has the kind
};
struct SegmentRow {
  std::string_view name;
  std::uint8_t kind;
};
struct FieldRow {
  std::string_view segment;
  std::uint16_t field;
  std::uint8_t kind;
};

#include "stdlib/hl7/phi_labels.inc"

constexpr PhiMark kUnknown{PhiLabel::direct, PhiKind::unknown};

template <class Rows>
[[nodiscard]] auto find_named(const Rows& rows, std::string_view name) -> decltype(rows.data()) {
  const auto at = std::lower_bound(rows.begin(), rows.end(), name, [](const auto& row, auto text) { return row.name < text; });
  return at != rows.end() && at->name == name ? &*at : nullptr;
}

[[nodiscard]] const FieldRow* find_field(std::string_view segment, unsigned field) {
  const auto at = std::lower_bound(kFields.begin(), kFields.end(), field, [&](const FieldRow& row, unsigned number) {
    return row.segment != segment ? row.segment < segment : row.field < number;
  });
  return at != kFields.end() && at->segment == segment && at->field == field ? &*at : nullptr;
}

[[nodiscard]] PhiMark mark_of(std::uint8_t kind) {
  const bool strong = (kind & kStrong) != 0;
  const auto plain = static_cast<PhiKind>(kind & ~kStrong);
  return {strong ? PhiLabel::direct : label_of_kind(plain), plain};
}

/// A kind that speaks for all parts of a field, dates in it and codes included.
[[nodiscard]] bool covers_all(PhiMark mark) {
  return mark.kind == PhiKind::none || mark.kind == PhiKind::clinical || mark.kind == PhiKind::text ||
         mark.kind == PhiKind::unknown;
}

/// One value: its type, and the kind that stands above it, if there is one.
class Walk {
 public:
  explicit Walk(Version version) : version_(version) {}

  [[nodiscard]] PhiMark value(std::string_view type, std::optional<PhiMark> above, unsigned component,
                              unsigned subcomponent) const {
    if (above && covers_all(*above)) return *above;
    const TypeRow* row = find_named(kTypes, type);
    const std::optional<PhiMark> own = above                                    ? above
                                       : row != nullptr && row->kind != kNoKind ? std::optional(mark_of(row->kind))
                                                                                : std::nullopt;
    if (row == nullptr) return own ? *own : kUnknown;
    if (row->count == 0) return own ? *own : kUnknown;
    const Datatype datatype = version_.datatype(type);
    if (component != 0) return part(*row, datatype, own, component, subcomponent);
    PhiMark whole;
    const unsigned count = std::max<unsigned>(datatype && datatype.is_composite() ? datatype.component_count() : 1, 1);
    for (unsigned n = 1; n <= count; ++n) whole = stronger(whole, part(*row, datatype, own, n, 0));
    return whole;
  }

 private:
  [[nodiscard]] PhiMark part(const TypeRow& row, Datatype datatype, std::optional<PhiMark> own, unsigned component,
                             unsigned subcomponent) const {
    const Component below = datatype ? datatype.component(component) : Component();
    if (datatype && datatype.is_composite() && !below) return own ? stronger(*own, kUnknown) : kUnknown;
    const std::uint8_t said = kParts[row.first + std::min<unsigned>(component, row.count) - 1];
    if (said == kByType) return below ? value(below.type(), std::nullopt, subcomponent, 0) : kUnknown;
    if (said == kOwn) return own ? *own : kUnknown;
    return mark_of(said);
  }

  Version version_;
};

}  // namespace

PhiMark label_of(Version version, std::string_view segment, unsigned field, unsigned component, unsigned subcomponent) {
  std::optional<PhiMark> own;
  if (const FieldRow* row = find_field(segment, field)) {
    own = mark_of(row->kind);
  } else if (const SegmentRow* whole = find_named(kSegments, segment)) {
    own = mark_of(whole->kind);
  }
  const Segment definition = version.segment(segment);
  const Field part = definition ? definition.field(field) : Field();
  // What is beyond the definition is nobody's: a segment's line speaks of the fields that there are.
  if (!part) return kUnknown;
  return Walk(version).value(part.withdrawn() ? std::string_view("WD") : part.type(), own, component, subcomponent);
}

PhiMark label_of_type(Version version, std::string_view type, unsigned component, unsigned subcomponent) {
  return Walk(version).value(type, std::nullopt, component, subcomponent);
}

bool has_own_label(std::string_view segment, unsigned field) { return find_field(segment, field) != nullptr; }

PhiLabel label_of_kind(PhiKind kind) {
  switch (kind) {
    case PhiKind::none: return PhiLabel::none;
    case PhiKind::clinical: return PhiLabel::clinical;
    case PhiKind::text: return PhiLabel::free_text;
    // 164.514(e)(2) does not name these: towns, states and ZIP codes ((e)(2)(i)(B) excepts them), dates, other numbers.
    case PhiKind::place:
    case PhiKind::zip:
    case PhiKind::date:
    case PhiKind::age:
    case PhiKind::other: return PhiLabel::quasi;
    case PhiKind::name:
    case PhiKind::street:
    case PhiKind::phone:
    case PhiKind::fax:
    case PhiKind::email:
    case PhiKind::ssn:
    case PhiKind::mrn:
    case PhiKind::plan:
    case PhiKind::account:
    case PhiKind::licence:
    case PhiKind::vehicle:
    case PhiKind::device:
    case PhiKind::url:
    case PhiKind::ip:
    case PhiKind::biometric:
    case PhiKind::photo:
    case PhiKind::unknown: return PhiLabel::direct;
  }
  return PhiLabel::direct;
}

std::optional<PhiMark> declared_label(std::string_view word) {
  if (word == "none") return PhiMark{PhiLabel::none, PhiKind::none};
  if (word == "clinical") return PhiMark{PhiLabel::clinical, PhiKind::clinical};
  if (word == "quasi") return PhiMark{PhiLabel::quasi, PhiKind::other};
  if (word == "direct") return kUnknown;
  return std::nullopt;
}

std::string_view label_name(PhiLabel label) {
  switch (label) {
    case PhiLabel::none: return "none";
    case PhiLabel::clinical: return "clinical";
    case PhiLabel::quasi: return "quasi";
    case PhiLabel::free_text: return "free text";
    case PhiLabel::direct: return "direct";
  }
  return "";
}

namespace {

struct KindText {
  std::string_view name, letter;
};
constexpr std::array<KindText, kPhiKinds> kKindTexts = {{
    {"none", ""},
    {"clinical", ""},
    {"name", "A"},
    {"street address", "B"},
    {"town or county", "B"},
    {"ZIP code", "B"},
    {"date", "C"},
    {"age", "C"},
    {"telephone", "D"},
    {"fax", "E"},
    {"e-mail", "F"},
    {"SSN", "G"},
    {"medical record number", "H"},
    {"health plan number", "I"},
    {"account", "J"},
    {"licence", "K"},
    {"vehicle", "L"},
    {"device", "M"},
    {"URL", "N"},
    {"IP address", "O"},
    {"biometric", "P"},
    {"photograph", "Q"},
    {"other unique number", "R"},
    {"free text", ""},
    {"identifier", "R"},
}};

}  // namespace

std::string_view kind_name(PhiKind kind) { return kKindTexts[static_cast<std::size_t>(kind)].name; }
std::string_view kind_letter(PhiKind kind) { return kKindTexts[static_cast<std::size_t>(kind)].letter; }

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// Segments and fields of a ValidationRun: what must be there, what is right at first sight, conditions between fields.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "stdlib/hl7/validate_run.h"

namespace smarthl7::hl7 {
namespace {

constexpr NameKey kOrc = name_key("ORC");
constexpr NameKey kObr = name_key("OBR");

/// Two entity identifiers that may be the same thing: what both state is equal.
[[nodiscard]] bool agree(std::string_view a, std::string_view b, const Delimiters& d) {
  for (std::size_t number = 1; number <= 4; ++number) {
    const std::string_view one = part(a, d.component, number);
    const std::string_view other = part(b, d.component, number);
    if (!one.empty() && !other.empty() && one != other) return false;
  }
  return true;
}

}  // namespace

/// Mostly the same as of the segment before.
const SegmentCheck* ValidationRun::segment_check(NameKey key) {
  if (last_segment_ == nullptr || last_segment_->key != key) last_segment_ = tables_.segment(key);
  return last_segment_;
}

bool ValidationRun::is_present(std::string_view raw) const {
  return !raw.empty() && (starts_plainly(raw[0]) || state_of(raw, delimiters_) == State::present);
}

void ValidationRun::check_segment(std::uint32_t index, const SegmentCheck& check) {
  const SegmentView segment = message_.segment(index);
  for (const std::uint16_t number : check.needed) {
    if (is_present(segment.raw_field(number))) continue;
    repeats_ = false;
    add({index, number, 0, 0, 0}, Rule::field_required,
        [&] { return fmt::format("{} is required", check.fields[number - 1U].name); });
  }
  if (quick_) {
    check_quickly(segment, check);
  } else {
    const std::size_t sent = std::min(segment.field_count(), check.fields.size());
    for (std::size_t number = 1; number <= sent; ++number) check_closely(segment, check, number);
    check_extra_fields(segment, check);
    for (const Condition& condition : check.conditions) check_condition(segment, condition);
  }
  if (check.key == kOrc) last_order_ = index;
  if (check.key == kObr && last_order_ != kNoSegment) check_order_numbers(index);
}

void ValidationRun::check_closely(const SegmentView& segment, const SegmentCheck& check, std::size_t number) {
  const PartCheck& field = check.fields[number - 1];
  const std::string_view raw = segment.raw_field(number);
  if (!is_present(raw)) return;
  check_field({segment.index(), static_cast<std::uint16_t>(number), 0, 0, 0}, raw, field, segment);
}

void ValidationRun::check_extra_fields(const SegmentView& segment, const SegmentCheck& check) {
  const std::size_t sent = std::min<std::size_t>(segment.field_count(), 0xFFFF);
  if (check.open_ended) {
    if (check.fields.empty() || !check.fields.back().columns) return;
    PartCheck column = check.fields.back();  // every further one is a column too
    for (std::size_t number = check.fields.size() + 1; number <= sent; ++number) {
      column.number = static_cast<std::uint16_t>(number);
      const std::string_view raw = segment.raw_field(number);
      if (is_present(raw)) check_field({segment.index(), column.number, 0, 0, 0}, raw, column, segment);
    }
    return;
  }
  for (std::size_t number = check.fields.size() + 1; number <= sent; ++number) {
    if (!is_present(segment.raw_field(number))) continue;
    repeats_ = false;
    add({segment.index(), static_cast<std::uint16_t>(number), 0, 0, 0}, Rule::field_extra,
        [&] { return fmt::format("nothing: the segment ends with field {}", check.fields.size()); });
  }
}

// ---- the short way: most fields are empty, or right at first sight

/// False where only a closer look can tell. `from` counts from the segment's first field separator.
[[gnu::always_inline]] inline bool ValidationRun::is_surely_right(const SegmentView& segment, const SegmentCheck& check,
                                                                  std::size_t number, std::size_t from, std::string_view raw) {
  if (raw.size() > SegmentBits::kWord || from + raw.size() > SegmentBits::kMost) return false;
  if (bits_.odd(from, raw.size()) != 0) return false;
  const QuickCheck& quick = check.quick[number - 1];
  if (quick.kind == QuickCheck::Kind::never) return false;
  const PartCheck& field = check.fields[number - 1];
  const std::uint64_t splits = bits_.splits(from, raw.size());
  if (field.composite != nullptr) return raw.size() <= quick.most && are_right(*field.composite, raw, splits);
  if (field.opaque) {
    // A value that is nothing but separators holds nothing.
    if (splits != 0 && std::popcount(splits) == static_cast<int>(raw.size())) return false;
    return field.type_from == 0 ? quick.holds(raw, strict_) : is_right_value(segment, field, quick, raw, splits);
  }
  return splits == 0 && quick.holds(raw, strict_);
}

void ValidationRun::check_quickly(const SegmentView& segment, const SegmentCheck& check) {
  const std::span<const std::uint32_t> marks = segment.marks();
  const std::size_t begin = marks.front();
  bits_.read(message_.bytes(), begin, marks.back(), delimiters_);
  const bool header = is_header(segment.key());
  const std::size_t before = header ? 2 : 1;  // the mark before field n is n - before
  const std::size_t sent = marks.size() + before - 2;
  const std::size_t end = std::min(sent, check.fields.size());
  const char* bytes = message_.bytes().data();
  // By field number; those of segments with conditions are less than 64.
  std::uint64_t sure = 0;
  std::uint64_t doubtful = 0;
  for (std::size_t number = header ? 3 : 1; number <= end; ++number) {
    const std::size_t from = marks[number - before] + std::size_t{1};
    const std::size_t size = marks[number - before + 1] - from;
    if (size == 0) continue;
    const std::uint64_t bit = std::uint64_t{1} << (number & 63U);
    if (is_surely_right(segment, check, number, from - begin, {bytes + from, size})) {
      sure |= bit;
    } else {
      (starts_plainly(bytes[from]) ? sure : doubtful) |= bit;
      check_closely(segment, check, number);
    }
  }
  if (sent > end) check_extra_fields(segment, check);
  for (const Condition& condition : check.conditions) {
    if (!condition.quick.holds(sure | doubtful, sure)) check_condition(segment, condition);
  }
}

/// OBX-5, of the type that OBX-2 names.
bool ValidationRun::is_right_value(const SegmentView& segment, const PartCheck& field, const QuickCheck& quick,
                                   std::string_view raw, std::uint64_t splits) {
  const std::string_view name = segment.raw_field(field.type_from);
  if (name.empty() || last_type_ == nullptr || name != last_type_->name) {
    if (value_type(FieldView(name, delimiters_).text()) == nullptr) return false;
  }
  if (!quick.holds(raw, strict_)) return false;
  if (!last_type_->components.empty()) return are_right(*last_type_, raw, splits);
  return splits == 0 && (last_type_->primitive == Primitive::other || is_well_formed(last_type_->primitive, raw));
}

/// The components of one repetition, neither with subcomponents.
bool ValidationRun::are_right(const TypeCheck& type, std::string_view raw, std::uint64_t splits) const {
  std::uint64_t present = 0;
  std::size_t at = 0;
  std::size_t number = 0;
  bool done = false;
  for (const QuickCheck& quick : type.quick) {
    const std::size_t end = splits == 0 ? raw.size() : static_cast<std::size_t>(std::countr_zero(splits));
    ++number;
    if (end == at) {
      if (quick.required) return false;
    } else {
      present |= std::uint64_t{1} << (number & 63U);
      if (!quick.holds({raw.data() + at, end - at}, strict_)) return false;
    }
    done = splits == 0;
    if (done) break;
    splits &= splits - 1;
    at = end + 1;
  }
  if (!done || present == 0 || number < type.last_required) return false;
  for (const QuickNeed& need : type.needs) {
    if (!need.holds(present, present)) return false;
  }
  return true;
}

// ---- conditions

void ValidationRun::check_condition(const SegmentView& segment, const Condition& condition) {
  for (const std::uint16_t number : condition.wanted) {
    if (is_present(segment.raw_field(number))) return;
  }
  for (const ConditionTerm& term : condition.terms) {
    if (!holds(segment, term)) return;
  }
  repeats_ = false;
  add({segment.index(), condition.wanted.front(), 0, 0, 0}, condition.facts->rule, [&] {
    const ConditionFacts& facts = *condition.facts;
    return fmt::format("{} is required{}{} ({})", facts.wanted, facts.when.empty() ? "" : " where ", facts.when, facts.section);
  });
}

bool ValidationRun::holds(const SegmentView& segment, const ConditionTerm& term) const {
  const auto has = [&](std::string_view value) {
    return std::find(term.values.begin(), term.values.end(), value) != term.values.end();
  };
  if (term.kind == ConditionTerm::Kind::event) return has(message_.trigger_event());
  if (term.kind == ConditionTerm::Kind::next_is) {
    return segment.index() + 1 < message_.segment_count() && message_.segment_key(segment.index() + 1) == term.segment;
  }
  std::uint32_t at = segment.index();
  if (term.segment != 0) {
    at = 0;
    while (at < message_.segment_count() && message_.segment_key(at) != term.segment) ++at;
    if (at == message_.segment_count()) return false;
  }
  const std::string_view raw = message_.segment(at).raw_field(term.number);
  switch (term.kind) {
    case ConditionTerm::Kind::present: return is_present(raw);
    case ConditionTerm::Kind::absent: return !is_present(raw);
    case ConditionTerm::Kind::in: return has(FieldView(raw, delimiters_).text());
    case ConditionTerm::Kind::not_in: return !has(FieldView(raw, delimiters_).text());
    case ConditionTerm::Kind::event:
    case ConditionTerm::Kind::next_is: break;
  }
  return false;
}

/// An order's numbers stand in ORC-2 and ORC-3 and in OBR-2 and OBR-3; where both are valued they are the same (2.5.1 chapter
/// 4, 4.5.1.2 and 4.5.1.3).
void ValidationRun::check_order_numbers(std::uint32_t index) {
  if (!placement_.is_within(placement_.instance_of(index), placement_.instance_of(last_order_))) return;
  const SegmentView order = message_.segment(last_order_);
  const SegmentView request = message_.segment(index);
  for (const std::uint16_t number : {std::uint16_t{2}, std::uint16_t{3}}) {
    const std::string_view one = order.raw_field(number);
    const std::string_view other = request.raw_field(number);
    if (one == other || !is_present(one) || !is_present(other) || agree(one, other, delimiters_)) continue;
    repeats_ = false;
    add({index, number, 0, 0, 0}, Rule::same_value, [&] { return fmt::format("the order number of ORC-{}", number); });
  }
}

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/editor.h"

#include <algorithm>

#include "stdlib/base/assert.h"
#include "stdlib/hl7/escape.h"

namespace smarthl7::hl7 {
namespace {

// The levels of a place below its segment.
constexpr int kField = 0;
constexpr int kRepetition = 1;
constexpr int kComponent = 2;
constexpr int kSubcomponent = 3;

[[nodiscard]] std::uint16_t number_at(const Location& place, int level) {
  switch (level) {
    case kField: return place.field;
    case kRepetition: return place.repetition;
    case kComponent: return place.component;
    case kSubcomponent: return place.subcomponent;
    default: return 0;
  }
}

[[nodiscard]] char separator_at(const Delimiters& delimiters, int level) {
  switch (level) {
    case kField: return delimiters.field;
    case kRepetition: return delimiters.repetition;
    case kComponent: return delimiters.component;
    default: return delimiters.subcomponent;
  }
}

/// Is b the same place as a, or a part of it?
[[nodiscard]] bool covers(const Location& a, const Location& b) {
  if (a.segment != b.segment) return false;
  for (int level = kField; level <= kSubcomponent; ++level) {
    if (number_at(a, level) == 0) return true;
    if (number_at(a, level) != number_at(b, level)) return false;
  }
  return true;
}

}  // namespace

void Editor::reset(const Message& message) {
  message_ = &message;
  edits_.clear();
  deletions_.clear();
  insertions_.clear();
  values_.clear();
}

void Editor::add(Location place, Kind kind, std::string_view value) {
  SMARTHL7_ASSERT(place.segment < message_->segment_count(), "an edit names a segment that is not there");
  SMARTHL7_ASSERT(place.field > 0, "an edit names no field");
  SMARTHL7_ASSERT(!is_header(message_->segment_key(place.segment)) || place.field > 2,
                  "the delimiters of a message cannot be edited");
  if (place.subcomponent > 0 && place.component == 0) place.component = 1;
  if (place.component > 0 && place.repetition == 0) place.repetition = 1;
  edits_.push_back({place, kind, values_.size(), value.size()});
  values_.append(value);
}

bool Editor::reachable(const Location& place) const {
  const Delimiters& delimiters = message_->delimiters();
  return (place.repetition <= 1 || delimiters.repetition != 0) && (place.component <= 1 || delimiters.component != 0) &&
         (place.subcomponent <= 1 || delimiters.subcomponent != 0);
}

bool Editor::set_raw(const Location& place, std::string_view raw) {
  if (message_->raw(place) == raw) return true;
  if (!reachable(place)) return false;
  add(place, Kind::set, raw);
  return true;
}

void Editor::clear(const Location& place) {
  if (!message_->raw(place).empty()) add(place, Kind::set, {});
}

bool Editor::set_text(const Location& place, std::string_view text) {
  const std::string_view before = message_->raw(place);
  scratch_.clear();
  if (before != "\"\"" && decode(before, message_->delimiters(), scratch_) == text) return true;
  scratch_.clear();
  if (!encode(text, message_->delimiters(), scratch_)) return false;
  return set_raw(place, scratch_);
}

void Editor::remove_repetition(const Location& place) {
  SMARTHL7_ASSERT(place.repetition > 0 && place.component == 0, "only a whole repetition can be removed");
  add(place, Kind::remove, {});
}

void Editor::delete_segment(std::uint32_t index) {
  SMARTHL7_ASSERT(index > 0 && index < message_->segment_count(),
                  "the header, or a segment that is not there, cannot be deleted");
  deletions_.push_back(index);
}

void Editor::insert_segment_after(std::uint32_t index, std::string_view content) {
  SMARTHL7_ASSERT(index < message_->segment_count(), "a segment cannot be inserted after one that is not there");
  insertions_.push_back({index, static_cast<std::uint32_t>(insertions_.size()), values_.size(), content.size()});
  values_.append(content);
}

void Editor::sort_and_check() {
  std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.place < b.place; });
  std::sort(deletions_.begin(), deletions_.end());
  std::sort(insertions_.begin(), insertions_.end(),
            [](const Insertion& a, const Insertion& b) { return a.after != b.after ? a.after < b.after : a.order < b.order; });
  for (std::size_t at = 1; at < edits_.size(); ++at) {
    SMARTHL7_ASSERT(!covers(edits_[at - 1].place, edits_[at].place), "two edits touch the same place");
  }
}

bool Editor::all_empty(EditRange edits) const {
  return std::all_of(edits.first, edits.second, [](const Edit& edit) { return edit.size == 0; });
}

void Editor::write(std::string& out) {
  sort_and_check();
  const std::string_view bytes = message_->bytes();
  out.reserve(out.size() + bytes.size() + values_.size() + 64);
  std::size_t copied = 0;
  const Edit* edit = edits_.data();
  const Edit* const last_edit = edit + edits_.size();
  auto deletion = deletions_.begin();
  auto insertion = insertions_.begin();
  while (edit != last_edit || deletion != deletions_.end() || insertion != insertions_.end()) {
    std::uint32_t index = kNoSegment;
    if (edit != last_edit) index = std::min(index, edit->place.segment);
    if (deletion != deletions_.end()) index = std::min(index, *deletion);
    if (insertion != insertions_.end()) index = std::min(index, insertion->after);

    const Message::Extent extent = message_->extent(index);
    out.append(bytes, copied, extent.begin - copied);
    copied = extent.next;
    const Edit* const first = edit;
    while (edit != last_edit && edit->place.segment == index) ++edit;
    const bool deleted = deletion != deletions_.end() && *deletion == index;
    while (deletion != deletions_.end() && *deletion == index) ++deletion;
    if (!deleted) {
      write_segment(index, {first, edit}, out);
      out.append(bytes, extent.end, extent.next - extent.end);
    }
    // A last segment that just stops passes that on to what is inserted after it.
    const std::string_view terminator = terminator_after(index);
    const bool stops = extent.next == extent.end;
    for (; insertion != insertions_.end() && insertion->after == index; ++insertion) {
      if (stops && !deleted) out.append(terminator);
      out.append(values_, insertion->value, insertion->size);
      if (!stops || deleted) out.append(terminator);
    }
  }
  out.append(bytes, copied, bytes.size() - copied);
}

std::string_view Editor::terminator_after(std::uint32_t index) const {
  for (const std::uint32_t candidate : {index, std::uint32_t{0}}) {
    const Message::Extent extent = message_->extent(candidate);
    if (extent.next > extent.end) return message_->bytes().substr(extent.end, extent.next - extent.end);
  }
  return "\r";
}

void Editor::write_segment(std::uint32_t index, EditRange edits, std::string& out) const {
  const SegmentView segment = message_->segment(index);
  const std::string_view raw = segment.raw();
  std::size_t copied = 0;
  std::size_t fields = segment.field_count();
  if (fields == 0 && is_header(segment.key())) fields = 1;  // the separator after the name is field 1
  for (const Edit* edit = edits.first; edit != edits.second;) {
    const std::uint16_t number = edit->place.field;
    const Edit* const first = edit;
    while (edit != edits.second && edit->place.field == number) ++edit;
    const EditRange here{first, edit};
    if (number > segment.field_count()) {
      if (all_empty(here)) continue;
      out.append(raw, copied, raw.size() - copied);
      copied = raw.size();
      out.append(number - fields, message_->delimiters().field);
      fields = number;
      write_place({}, kField, here, out);
      continue;
    }
    const std::string_view field = segment.field(number).raw();
    const auto begin = static_cast<std::size_t>(field.data() - raw.data());
    out.append(raw, copied, begin - copied);
    copied = begin + field.size();
    write_place(field, kField, here, out);
  }
  out.append(raw, copied, raw.size() - copied);
}

/// The place at `level` whose bytes are `raw`: replaced as a whole, or its parts one level down.
void Editor::write_place(std::string_view raw, int level, EditRange edits, std::string& out) const {
  const bool whole = level == kSubcomponent || number_at(edits.first->place, level + 1) == 0;
  if (whole) {
    out.append(value_of(*edits.first));
  } else {
    write_parts(raw, level + 1, edits, out);
  }
}

/// `raw` split at `level`: parts without an edit are copied, parts that are missing are made.
void Editor::write_parts(std::string_view raw, int level, EditRange edits, std::string& out) const {
  const char separator = separator_at(message_->delimiters(), level);
  const Edit* edit = edits.first;
  std::size_t number = 0;
  bool first = true;
  const auto next_part = [&] {
    if (!first) out.push_back(separator);
    first = false;
  };
  const auto take = [&] {  // the edits of the part that `edit` stands at
    const Edit* const begin = edit;
    const std::uint16_t wanted = number_at(edit->place, level);
    while (edit != edits.second && number_at(edit->place, level) == wanted) ++edit;
    return EditRange{begin, edit};
  };
  for (std::size_t begin = 0; begin <= raw.size();) {
    const std::size_t end = separator == 0 ? raw.size() : std::min(raw.find(separator, begin), raw.size());
    const std::string_view part = raw.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (edit == edits.second || number_at(edit->place, level) != number) {
      next_part();
      out.append(part);
      continue;
    }
    const EditRange here = take();
    if (here.first->kind == Kind::remove) continue;
    next_part();
    write_place(part, level, here, out);
  }
  while (edit != edits.second) {
    const std::uint16_t wanted = number_at(edit->place, level);
    const EditRange here = take();
    if (all_empty(here)) continue;
    SMARTHL7_ASSERT(separator != 0, "an edit needs a delimiter that the message does not have");
    for (; number < wanted; ++number) next_part();
    write_place({}, level, here, out);
  }
}

}  // namespace smarthl7::hl7

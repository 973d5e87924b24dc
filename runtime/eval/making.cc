// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/making.h"

#include <algorithm>
#include <tuple>

namespace smarthl7::eval {

using hl7::Location;
using hl7::NodeIndex;

namespace {

/// Is b the same place as a, or a part of it? Both stand in one segment.
bool covers(const Location& a, const Location& b) {
  if (a.field != b.field) return false;
  if (a.repetition == 0) return true;
  if (a.repetition != b.repetition) return false;
  if (a.component == 0) return true;
  if (a.component != b.component) return false;
  return a.subcomponent == 0 || a.subcomponent == b.subcomponent;
}

}  // namespace

void Making::reset(const hl7::Message& message, const Shape* shape) {
  message_ = &message;
  shape_ = shape;
  items_.clear();
  items_.emplace_back().node = 0;
  passed_.clear();
  parts_.clear();
  values_.clear();
}

Making::Item Making::add(Entry entry) {
  items_.push_back(entry);
  return static_cast<Item>(items_.size() - 1);
}

Making::Item Making::add_at(std::uint32_t after, bool in_front, NodeIndex node, std::string_view name) {
  Entry entry;
  entry.name = name;
  entry.after = after;
  entry.in_front = in_front;
  entry.node = node;
  entry.order = shape_ != nullptr && node != hl7::kNoNode ? shape_->last_order(node) : 0;
  return add(entry);
}

Making::Item Making::add_below(Item parent, NodeIndex node, std::string_view name) {
  Entry entry;
  entry.name = name;
  entry.parent = parent;
  entry.node = node;
  entry.order = shape_->order(node);
  return add(entry);
}

void Making::add_run(Item parent, NodeIndex node, std::uint32_t first, std::uint32_t end) {
  Entry entry;
  entry.parent = parent;
  entry.node = node;
  entry.order = shape_->order(node);
  entry.first = first;
  entry.end = end;
  add(entry);
}

Making::Item Making::around(Item item, NodeIndex group) const {
  while (item != kTop && items_[item].node != group) item = items_[item].parent;
  return item;
}

Making::Item Making::find_passed(Item parent, NodeIndex node) const {
  for (std::size_t i = passed_.size(); i-- > 0;) {
    const Entry& entry = items_[passed_[i]];
    if (entry.parent == parent && entry.node == node) return passed_[i];
    if (passed_[i] < parent) break;  // what is below it was made after it
  }
  return kTop;
}

Making::Item Making::group_below(Item item, NodeIndex group) {
  if (items_[item].node == group || group == 0) return item;
  const Item parent = group_below(item, shape_->group_of(group));
  if (const Item found = find_passed(parent, group); found != kTop) return found;
  const Item made = add_below(parent, group, {});
  items_[made].passed = true;
  passed_.push_back(made);
  return made;
}

Making::Item Making::segment_below(Item item, NodeIndex node, std::string_view name) {
  const Item parent = group_below(item, shape_->group_of(node));
  if (const Item found = find_passed(parent, node); found != kTop) return found;
  const Item made = add_below(parent, node, name);
  items_[made].passed = true;
  passed_.push_back(made);
  return made;
}

void Making::set(Item segment, const Location& place, std::string_view raw) {
  parts_.push_back({segment, place, values_.size(), raw.size()});
  values_.append(raw);
}

std::uint16_t Making::next_repetition(Item segment, std::uint16_t field) {
  Entry& entry = items_[segment];
  if (entry.appended_field != field) {
    std::uint16_t most = 0;
    for (const Part& part : parts_) {
      if (part.segment == segment && part.place.field == field) most = std::max(most, part.place.repetition);
    }
    entry.appended_field = field;
    entry.appended = most;
  }
  return ++entry.appended;
}

/// What ends a group stands before another group of that kind, which ends at the same place of the structure.
/// Children of each item side by side in sorted_, parts of each segment side by side in parts_.
bool Making::sort() {
  sorted_.clear();
  for (Item item = 1; item < items_.size(); ++item) sorted_.push_back(item);
  std::sort(sorted_.begin(), sorted_.end(), [this](Item a, Item b) {
    const Entry& x = items_[a];
    const Entry& y = items_[b];
    return std::tuple(x.parent, x.after, x.in_front, x.order, -int{x.node}, !x.passed, a) <
           std::tuple(y.parent, y.after, y.in_front, y.order, -int{y.node}, !y.passed, b);
  });
  for (std::uint32_t i = 0; i < sorted_.size(); ++i) {
    Entry& parent = items_[items_[sorted_[i]].parent];
    if (parent.children++ == 0) parent.child = i;
  }
  std::sort(parts_.begin(), parts_.end(),
            [](const Part& a, const Part& b) { return std::tie(a.segment, a.place) < std::tie(b.segment, b.place); });
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    if (i > 0 && parts_[i - 1].segment == parts_[i].segment && covers(parts_[i - 1].place, parts_[i].place)) return false;
    Entry& segment = items_[parts_[i].segment];
    if (segment.parts++ == 0) segment.part = i;
  }
  return true;
}

bool Making::write(hl7::Editor& editor) {
  if (empty()) return true;
  if (!sort()) return false;
  const auto extent = message_->extent(0);
  std::string_view terminator = message_->bytes().substr(extent.end, extent.next - extent.end);
  if (terminator.empty()) terminator = "\r";
  const Entry& top = items_[kTop];
  for (std::uint32_t i = 0; i < top.children; ++i) {
    const Item item = sorted_[top.child + i];
    text_.clear();
    write_item(item, terminator, text_);
    if (text_.empty()) continue;
    text_.resize(text_.size() - terminator.size());  // the editor ends what it inserts
    editor.insert_segment_after(items_[item].after, text_);
  }
  return true;
}

void Making::write_item(Item item, std::string_view terminator, std::string& out) const {
  const Entry& entry = items_[item];
  if (entry.end > entry.first) {
    for (std::uint32_t segment = entry.first; segment < entry.end; ++segment)
      out.append(message_->segment(segment).raw()).append(terminator);
    return;
  }
  if (!entry.name.empty()) {
    write_segment(entry, out);
    out.append(terminator);
    return;
  }
  for (std::uint32_t i = 0; i < entry.children; ++i) write_item(sorted_[entry.child + i], terminator, out);
}

void Making::write_segment(const Entry& entry, std::string& out) const {
  const hl7::Delimiters& delimiters = message_->delimiters();
  out.append(entry.name);
  Location at{0, 0, 1, 1, 1};
  for (std::uint32_t i = 0; i < entry.parts; ++i) {
    const Part& part = parts_[entry.part + i];
    Location to = part.place;
    to.repetition = std::max<std::uint16_t>(to.repetition, 1);
    to.component = std::max<std::uint16_t>(to.component, 1);
    to.subcomponent = std::max<std::uint16_t>(to.subcomponent, 1);
    if (to.field != at.field) {
      out.append(to.field - at.field, delimiters.field);
      at = {0, to.field, 1, 1, 1};
    }
    if (to.repetition != at.repetition) {
      out.append(to.repetition - at.repetition, delimiters.repetition);
      at.repetition = to.repetition;
      at.component = at.subcomponent = 1;
    }
    if (to.component != at.component) {
      out.append(to.component - at.component, delimiters.component);
      at.component = to.component;
      at.subcomponent = 1;
    }
    if (to.subcomponent != at.subcomponent) {
      out.append(to.subcomponent - at.subcomponent, delimiters.subcomponent);
      at.subcomponent = to.subcomponent;
    }
    out.append(values_, part.value, part.size);
  }
}

}  // namespace smarthl7::eval

// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/intake_sequence.h"

#include <charconv>

namespace smarthl7::flow {

namespace {

constexpr std::size_t kMostSenders = 10000;

std::optional<std::int64_t> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || number < -1) return std::nullopt;
  return number;
}

}  // namespace

std::string SequenceBook::sender_of(const hl7::Message& message) {
  std::string sender(message.sending_application());
  sender.push_back('\r');
  sender += message.sending_facility();
  return sender;
}

SequenceRemark SequenceBook::look(const hl7::Message& message) const {
  using Kind = SequenceRemark::Kind;
  SequenceRemark remark;
  const auto number = number_of(message.header(13).text());
  if (!number) return remark;
  remark.number = *number;
  if (*number == -1) {
    remark.kind = Kind::reset;
    return remark;
  }
  const std::string sender = sender_of(message);
  const std::lock_guard lock(mutex_);
  const auto last = last_.find(sender);
  if (last != last_.end()) remark.expected = last->second + 1;
  if (*number == 0) {
    remark.kind = Kind::start;
  } else if (last == last_.end()) {
    remark.kind = Kind::first;
  } else if (*number == remark.expected) {
    remark.kind = Kind::next;
  } else {
    remark.kind = *number > remark.expected ? Kind::gap : Kind::repeat;
  }
  return remark;
}

void SequenceBook::taken(const std::string& sender, const SequenceRemark& remark) {
  using Kind = SequenceRemark::Kind;
  const std::lock_guard lock(mutex_);
  switch (remark.kind) {
    case Kind::none:
    case Kind::start:
    case Kind::repeat: return;
    case Kind::reset: last_.erase(sender); return;
    case Kind::first:
    case Kind::next:
    case Kind::gap: break;
  }
  const auto known = last_.find(sender);
  if (known == last_.end() && last_.size() >= kMostSenders) return;
  std::int64_t& last = known == last_.end() ? last_[sender] : known->second;
  last = std::max(last, remark.number);  // two connections of one sender may end in another order
}

bool is_link_message(const hl7::Message& message, const SequenceRemark& remark) {
  if (remark.kind != SequenceRemark::Kind::start && remark.kind != SequenceRemark::Kind::reset) return false;
  for (std::uint32_t index = 1; index < message.segment_count(); ++index) {
    const hl7::SegmentView segment = message.segment(index);
    for (std::size_t field = 1; field <= segment.field_count(); ++field)
      if (segment.field(field).present()) return false;
  }
  return true;
}

std::string describe(const SequenceRemark& remark) {
  const std::string number = "MSH-13 is " + std::to_string(remark.number);
  switch (remark.kind) {
    case SequenceRemark::Kind::none:
    case SequenceRemark::Kind::first:
    case SequenceRemark::Kind::next: return {};
    case SequenceRemark::Kind::gap: return number + ", expected was " + std::to_string(remark.expected);
    case SequenceRemark::Kind::repeat:
      return number + ", which was taken before; expected was " + std::to_string(remark.expected);
    case SequenceRemark::Kind::start:
    case SequenceRemark::Kind::reset: return number + " in a message with content";
  }
  return {};
}

}  // namespace smarthl7::flow

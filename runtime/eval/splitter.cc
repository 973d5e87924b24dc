// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/splitter.h"

#include <fmt/format.h>

#include <algorithm>

#include "stdlib/base/digest.h"

namespace smarthl7::eval {

namespace {

constexpr std::size_t kOldLimit = 20;
constexpr std::size_t kNewLimit = 199;

/// "2.7", "2.7.1", "2.8" ...: versions whose MSH-10 holds 199 characters.
bool long_ids(std::string_view version) { return version.size() >= 3 && version.starts_with("2.") && version[2] >= '7'; }

std::string twelve_digits(const hl7::Message& message) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text;
  for (const std::string_view part : {message.sending_application(), message.sending_facility(), message.control_id()}) {
    text.append(part);
    text.push_back('\r');  // in no field
  }
  std::uint64_t bits = keyed_hash(HashKey{}, text).low;  // no secret: the id only has to differ where the message does
  std::string digits(12, '0');
  for (char& digit : digits) {
    digit = kDigits[bits & 31U];
    bits >>= 5U;
  }
  return digits;
}

}  // namespace

Splitter::Splitter(const hl7::Message& message, const hl7::Placement& placement, const plan::Scope& scope, hl7::NameKey key)
    : message_(message), placement_(placement), target_(scope.node), group_(scope.kind == plan::ScopeKind::group), key_(key) {
  if (group_) {
    for (auto at = placement_.next_instance(target_); at != hl7::kNoInstance;
         at = placement_.next_instance(target_, 0, at + 1)) {
      const hl7::Placement::Instance& instance = placement_.instance(at);
      parts_.push_back({{instance.first_segment, instance.end_segment}, instance.parent});
    }
    return;
  }
  for (std::uint32_t segment = 0; segment < message_.segment_count(); ++segment) {
    const bool here = target_ == plan::kNoNode || placement_.node_of(segment) == target_;
    if (here && message_.segment_key(segment) == key_)
      parts_.push_back({{segment, segment + 1}, placement_.instance_of(segment)});
  }
}

/// The segments of `parent` that stand in no instance of its group `child` (kNoNode: that are no split segment), in runs.
const std::vector<Splitter::Range>& Splitter::shared(hl7::InstanceId parent, hl7::NodeIndex child) {
  const auto [at, fresh] = shared_.try_emplace(parent);
  if (!fresh) return at->second;
  const hl7::Placement::Instance& around = placement_.instance(parent);
  Range run{around.first_segment, around.first_segment};
  const auto leave_out = [&](Range range) {
    run.end = range.first;
    if (run.end > run.first) at->second.push_back(run);
    run.first = range.end;
  };
  if (child != hl7::kNoNode) {
    for (auto one = placement_.next_instance(child, parent); one != hl7::kNoInstance;
         one = placement_.next_instance(child, parent, one + 1)) {
      const hl7::Placement::Instance& instance = placement_.instance(one);
      if (instance.parent == parent) leave_out({instance.first_segment, instance.end_segment});
    }
  } else {
    for (const Part& part : parts_)
      if (part.around == parent) leave_out(part.segments);
  }
  leave_out({around.end_segment, around.end_segment});
  return at->second;
}

void Splitter::append(Range range, std::string& out) const {
  const std::string_view bytes = message_.bytes();
  const std::size_t begin = message_.extent(range.first).begin;
  const hl7::Message::Extent last = message_.extent(range.end - 1);
  out.append(bytes.substr(begin, last.end - begin));
  // What ends the segment; the last one of a message may have nothing.
  if (last.next > last.end) {
    out.append(bytes.substr(last.end, last.next - last.end));
  } else {
    out.push_back('\r');
  }
}

void Splitter::write_level(const std::vector<hl7::InstanceId>& chain, std::size_t level, const Part& part, std::string& out) {
  const bool innermost = level + 1 == chain.size();
  const hl7::NodeIndex child = !innermost ? placement_.instance(chain[level + 1]).node : group_ ? target_ : hl7::kNoNode;
  Range own = part.segments;
  if (!innermost) {
    const hl7::Placement::Instance& next = placement_.instance(chain[level + 1]);
    own = {next.first_segment, next.end_segment};
  }
  bool written = false;
  const auto write_own = [&] {
    written = true;
    if (innermost) {
      append(own, out);
    } else {
      write_level(chain, level + 1, part, out);
    }
  };
  for (const Range& run : shared(chain[level], child)) {
    if (!written && run.first >= own.end) write_own();
    append(run, out);
  }
  if (!written) write_own();
}

void Splitter::set_control_id(std::size_t index, std::string& out) const {
  const std::string_view id = message_.control_id();
  std::string derived = fmt::format("{}.{}", id, index + 1);
  if (derived.size() > (long_ids(message_.version()) ? kNewLimit : kOldLimit))
    derived = fmt::format("{}.{}", twelve_digits(message_), index + 1);
  // MSH comes first and is in every part.
  const auto at = static_cast<std::size_t>(id.data() - message_.bytes().data()) - message_.extent(0).begin;
  out.replace(at, id.size(), derived);
}

std::string Splitter::part(std::size_t index) {
  const Part& part = parts_[index];
  std::vector<hl7::InstanceId> chain;
  for (hl7::InstanceId at = part.around; at != hl7::kNoInstance; at = placement_.instance(at).parent) chain.push_back(at);
  std::ranges::reverse(chain);
  std::string out;
  out.reserve(1024);
  write_level(chain, 0, part, out);
  set_control_id(index, out);
  return out;
}

}  // namespace smarthl7::eval

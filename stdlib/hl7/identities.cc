// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/identities.h"

#include <algorithm>
#include <map>
#include <string>

#include "stdlib/base/digest.h"
#include "stdlib/hl7/batch.h"
#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::hl7 {

namespace {

constexpr HashKey kKey{};

void add_part(std::string& out, std::string_view raw, const Delimiters& delimiters, std::string& scratch) {
  const std::string_view part = decode(raw, delimiters, scratch);
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

void add_field(const Message& message, const FieldView& field, std::vector<std::uint64_t>& out) {
  std::string text;
  std::string scratch;
  const std::size_t count = field.repetition_count();
  for (std::size_t i = 1; i <= count; ++i) {
    const RepetitionView repetition = field.repetition(i);
    const std::string_view id = repetition.component(1).text();
    if (id.empty() || id == "\"\"") continue;
    text.clear();
    add_part(text, id, message.delimiters(), scratch);
    for (std::size_t sub = 1; sub <= 3; ++sub)
      add_part(text, repetition.component(4).subcomponent(sub).raw(), message.delimiters(), scratch);
    out.push_back(keyed_hash(kKey, text).low);
  }
}

void add_message(std::string_view bytes, std::vector<std::uint64_t>& out) {
  const auto message = Message::parse(bytes);
  if (!message) return;
  for (std::uint32_t i = 0; i < message->segment_count(); ++i) {
    if (message->segment_key(i) == name_key("PID")) {
      for (const std::size_t field : {2U, 3U, 4U}) add_field(*message, message->segment(i).field(field), out);
    } else if (message->segment_key(i) == name_key("MRG")) {
      for (std::size_t field = 1; field <= 7; ++field) add_field(*message, message->segment(i).field(field), out);
    }
  }
}

}  // namespace

std::vector<std::uint64_t> patient_identities(std::string_view bytes) {
  std::vector<std::uint64_t> out;
  if (begins_batch(bytes)) {
    BatchReader reader(bytes);
    BatchItem item;
    while (reader.next(item) == BatchReader::Step::message) add_message(item.bytes, out);
  } else {
    add_message(bytes, out);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

std::string differing_fields(std::string_view before, std::string_view after) {
  constexpr std::size_t kMost = 40;
  const auto was = Message::parse(before);
  const auto is = Message::parse(after);
  if (!was || !is) return before == after ? "" : "all of it";
  std::string out;
  std::size_t count = 0;
  const auto add = [&](std::string text) {
    if (++count > kMost) return;
    if (!out.empty()) out += ", ";
    out += text;
  };
  std::map<std::string_view, std::size_t> numbers;
  const std::uint32_t segments = std::min(was->segment_count(), is->segment_count());
  std::uint32_t i = 0;
  for (; i < segments && was->segment(i).name() == is->segment(i).name(); ++i) {
    const SegmentView a = was->segment(i);
    const SegmentView b = is->segment(i);
    const std::size_t number = ++numbers[a.name()];
    if (a.raw() == b.raw()) continue;
    std::string name(a.name());
    if (was->count(a.name()) > 1 || is->count(a.name()) > 1) name += "[" + std::to_string(number) + "]";
    const std::size_t fields = std::max(a.field_count(), b.field_count());
    for (std::size_t field = 1; field <= fields; ++field)
      if (a.field(field).raw() != b.field(field).raw()) add(name + "-" + std::to_string(field));
  }
  if (i < was->segment_count() || i < is->segment_count()) add("what follows segment " + std::to_string(i));
  if (count > kMost) out += ", and " + std::to_string(count - kMost) + " more places";
  if (out.empty() && before != after) return "how segments end";
  return out;
}

}  // namespace smarthl7::hl7

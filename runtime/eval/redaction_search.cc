// SPDX-License-Identifier: Apache-2.0
#include "runtime/eval/redaction_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "stdlib/hl7/escape.h"

namespace smarthl7::eval {
namespace {

constexpr std::size_t kShortest = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80U; }

bool stands_in(std::string_view word, std::string_view text) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(text[at - 1]) || !is_word(word.front());
    const bool ends = end == text.size() || !is_word(text[end]) || !is_word(word.back());
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

void RedactionSearch::collect(const hl7::Message& message, bool identified_only, std::vector<Value>& values) const {
  values.clear();
  std::map<std::string, unsigned, std::less<>> counts;
  for (std::uint32_t index = 0; index < message.segment_count(); ++index) {
    const hl7::SegmentView segment = message.segment(index);
    const hl7::NameKey key = message.segment_key(index);
    const std::string name(segment.name());
    const unsigned nth = ++counts[name];
    const std::string_view type = hl7::name_key("OBX") == key ? segment.field(2).text() : std::string_view();
    for (std::size_t field = hl7::is_header(key) ? 3 : 1; field <= segment.field_count(); ++field) {
      const hl7::FieldView whole = segment.field(field);
      for (std::size_t r = 1; r <= whole.repetition_count(); ++r) {
        const hl7::RepetitionView repetition = whole.repetition(r);
        for (std::size_t c = 1; c <= repetition.component_count(); ++c) {
          const hl7::ComponentView component = repetition.component(c);
          for (std::size_t s = 1; s <= component.subcomponent_count(); ++s) {
            const hl7::SubcomponentView leaf = component.subcomponent(s);
            if (!leaf.present()) continue;
            const auto small = [](std::size_t n) { return static_cast<std::uint16_t>(std::min<std::size_t>(n, 0xFFFF)); };
            const hl7::RedactionPlace place{key, small(field), small(c), small(s)};
            if (identified_only && !table_.takes_away(place, name, type)) continue;
            Value value;
            value.text = hl7::decoded(leaf.raw(), message.delimiters());
            std::transform(value.text.begin(), value.text.end(), value.text.begin(), lower);
            if (identified_only && value.text.size() < kShortest) continue;
            value.place = fmt::format("{}{}-{}", name, nth > 1 ? fmt::format("[{}]", nth) : "", field);
            if (r > 1) value.place += fmt::format("[{}]", r);
            if (c > 1 || repetition.component_count() > 1) value.place += fmt::format(".{}", c);
            if (s > 1 || component.subcomponent_count() > 1) value.place += fmt::format(".{}", s);
            values.push_back(std::move(value));
          }
        }
      }
    }
  }
}

std::uint64_t RedactionSearch::search(const hl7::Message& before, const hl7::Message& after, std::vector<Leak>& leaks) {
  collect(before, true, identified_);
  collect(after, false, left_);
  for (const Value& value : identified_) {
    for (const Value& left : left_) {
      if (stands_in(value.text, left.text)) leaks.push_back({value.place, left.place});
    }
  }
  return identified_.size();
}

}  // namespace smarthl7::eval

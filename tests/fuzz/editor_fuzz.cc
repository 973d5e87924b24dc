// SPDX-License-Identifier: Apache-2.0
// Any bytes with edits taken from their end: what is not edited comes out as it came in, and what was set reads back.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "stdlib/hl7/editor.h"
#include "stdlib/hl7/escape.h"
#include "stdlib/hl7/message.h"

namespace {

using namespace smarthl7;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Takes numbers off the end of the input.
class Choices {
 public:
  explicit Choices(std::string_view& bytes) : bytes_(bytes) {}
  std::uint16_t below(std::uint16_t bound) {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.back());
    bytes_.remove_suffix(1);
    return static_cast<std::uint16_t>(byte % bound);
  }

 private:
  std::string_view& bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Choices choices(bytes);
  hl7::Location place{choices.below(200), choices.below(40), choices.below(5), choices.below(8), choices.below(5)};
  if (place.subcomponent > 0 && place.component == 0) place.component = 1;
  const std::uint16_t kind = choices.below(4);
  const std::uint16_t text_size = choices.below(16);
  const std::string text(bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), text_size)));
  hl7::Message message;
  if (!message.reset(bytes)) return 0;

  hl7::Editor editor(message);
  std::string out;
  editor.write(out);
  require(out == bytes);

  place.segment %= message.segment_count();
  const bool header = hl7::is_header(message.segment_key(place.segment));
  place.field = static_cast<std::uint16_t>(place.field + (header ? 3 : 1));
  bool done = false;
  if (kind == 3 && place.segment > 0) {
    editor.delete_segment(place.segment);
  } else if (kind == 2) {
    editor.insert_segment_after(place.segment, "ZZZ|1");
  } else {
    done = editor.set_text(place, text);
  }
  out.clear();
  editor.write(out);
  hl7::Message after;
  require(after.reset(std::string_view(out)).has_value());
  if (kind == 3 && place.segment > 0) {
    require(after.segment_count() == message.segment_count() - 1);
  } else if (kind == 2) {
    require(after.segment_count() == message.segment_count() + 1);
    require(after.segment(place.segment + 1).raw() == "ZZZ|1");
  } else {
    require(after.segment_count() == message.segment_count());
    if (done) require(hl7::decoded(after.raw(place), after.delimiters()) == text);
  }
  const std::size_t begin = message.extent(place.segment).begin;
  require(out.compare(0, begin, bytes, 0, begin) == 0);
  const std::size_t end = message.extent(place.segment).next;
  require(std::string_view(out).ends_with(bytes.substr(end)));
  return 0;
}

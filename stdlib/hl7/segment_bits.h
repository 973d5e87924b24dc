// SPDX-License-Identifier: Apache-2.0
// SegmentBits: which bytes of a segment separate components, and which need a closer look (a repetition or subcomponent
// separator, the escape and truncation characters, a quote), as bits; so that the shape of a short field is known without a
// walk over it. One fixed buffer, used again for each segment. Reads nothing outside the given bytes. One thread; no failure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stdlib/hl7/delimiters.h"

namespace smarthl7::hl7 {

class SegmentBits {
 public:
  static constexpr std::size_t kMost = 1024;  // bytes of a segment that are looked at
  static constexpr std::size_t kWord = 64;    // bytes that one answer can speak of

  /// Looks at bytes[begin, end), or the first kMost of them.
  void read(std::string_view bytes, std::size_t begin, std::size_t end, const Delimiters& delimiters);

  /// One bit for each byte of [from, from + size), offsets in the segment; 1 <= size <= kWord, from + size <= kMost.
  [[nodiscard]] std::uint64_t splits(std::size_t from, std::size_t size) const { return cut(splits_, from, size); }
  [[nodiscard]] std::uint64_t odd(std::size_t from, std::size_t size) const { return cut(odd_, from, size); }

 private:
  using Words = std::array<std::uint64_t, kMost / kWord + 1>;
  [[nodiscard]] static std::uint64_t cut(const Words& words, std::size_t from, std::size_t size) {
    const std::size_t word = from / kWord;
    const std::size_t shift = from % kWord;
    const std::uint64_t bits = (words[word] >> shift) | (words[word + 1] << 1U << (kWord - 1 - shift));
    return bits & (~std::uint64_t{0} >> (kWord - size));
  }

  Words splits_{};
  Words odd_{};
};

}  // namespace smarthl7::hl7

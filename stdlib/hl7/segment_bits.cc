// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/segment_bits.h"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace smarthl7::hl7 {
namespace {

struct BlockBits {
  std::uint64_t splits = 0;
  std::uint64_t odd = 0;
};

#if defined(__SSE2__)

/// `kTruncation`: there is a truncation character, which needs a closer look too.
template <bool kTruncation>
class Finder {
 public:
  explicit Finder(const Delimiters& d)
      : component_(_mm_set1_epi8(d.component)),
        repetition_(_mm_set1_epi8(d.repetition)),
        subcomponent_(_mm_set1_epi8(d.subcomponent)),
        escape_(_mm_set1_epi8(d.escape)),
        truncation_(_mm_set1_epi8(d.truncation)),
        quote_(_mm_set1_epi8('"')) {}

  [[nodiscard]] BlockBits look(const char* block) const {
    BlockBits bits;
    for (std::size_t at = 0; at < SegmentBits::kWord; at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + at));
      __m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, repetition_), _mm_cmpeq_epi8(bytes, subcomponent_)),
                                 _mm_or_si128(_mm_cmpeq_epi8(bytes, escape_), _mm_cmpeq_epi8(bytes, quote_)));
      if constexpr (kTruncation) odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, truncation_));
      bits.splits |= mask(_mm_cmpeq_epi8(bytes, component_)) << at;
      bits.odd |= mask(odd) << at;
    }
    return bits;
  }

 private:
  [[nodiscard]] static std::uint64_t mask(__m128i lanes) { return static_cast<std::uint32_t>(_mm_movemask_epi8(lanes)); }

  __m128i component_, repetition_, subcomponent_, escape_, truncation_, quote_;
};

#else

template <bool kTruncation>
class Finder {
 public:
  explicit Finder(const Delimiters& delimiters) : d_(delimiters) {}

  [[nodiscard]] BlockBits look(const char* block) const {
    BlockBits bits;
    for (std::size_t at = 0; at < SegmentBits::kWord; ++at) {
      const char c = block[at];
      const bool odd =
          c == d_.repetition || c == d_.subcomponent || c == d_.escape || c == '"' || (kTruncation && c == d_.truncation);
      bits.splits |= std::uint64_t{c == d_.component} << at;
      bits.odd |= std::uint64_t{odd} << at;
    }
    return bits;
  }

 private:
  Delimiters d_;
};

#endif

}  // namespace

void SegmentBits::read(std::string_view bytes, std::size_t begin, std::size_t end, const Delimiters& delimiters) {
  end = std::min(end, begin + kMost);
  const auto look = [&](const auto& finder) {
    std::size_t word = 0;
    for (std::size_t at = begin; at < end; at += kWord, ++word) {
      BlockBits bits;
      if (bytes.size() - at >= kWord) {
        bits = finder.look(bytes.data() + at);
      } else {
        std::array<char, kWord> rest{};
        std::memcpy(rest.data(), bytes.data() + at, bytes.size() - at);
        bits = finder.look(rest.data());
      }
      splits_[word] = bits.splits;
      odd_[word] = bits.odd;
    }
  };
  if (delimiters.truncation != 0) {
    look(Finder<true>(delimiters));
  } else {
    look(Finder<false>(delimiters));
  }
}

}  // namespace smarthl7::hl7

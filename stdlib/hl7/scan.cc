// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/scan.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define SMARTHL7_AVX2 1
#endif

namespace smarthl7::hl7 {
namespace {

// Each step looks at one block of 64 bytes and needs room for as many marks, and for the writes that run ahead.
constexpr std::size_t kBlock = 64;
constexpr std::size_t kSlack = kBlock + 16;

struct Cursor {
  std::uint32_t* marks;
  std::uint32_t* lines;
  std::size_t mark_count;
  std::size_t line_count;
};

void make_room(ScanBuffers& buffers, std::size_t mark_count, std::size_t line_count) {
  if (buffers.marks.size() < mark_count + kSlack) buffers.marks.resize(std::max<std::size_t>(1024, 2 * (mark_count + kSlack)));
  if (buffers.lines.size() < line_count + kSlack) buffers.lines.resize(std::max<std::size_t>(256, 2 * (line_count + kSlack)));
}

[[nodiscard]] bool has_room(const ScanBuffers& buffers, const Cursor& cursor) {
  return cursor.mark_count + kSlack <= buffers.marks.size() && cursor.line_count + kSlack <= buffers.lines.size();
}

struct ByteClass {
  std::array<std::uint8_t, 256> of{};  // 1: a mark, 3: a mark that ends a line, 4: NUL
  explicit ByteClass(char field_separator) {
    of[0] = 4;
    of[static_cast<unsigned char>(field_separator)] = 1;
    of['\r'] = 3;
    of['\n'] = 3;
  }
};

// Branch-free: writes always, and counts only where there was something.
std::uint8_t scan_bytes(const char* data, std::size_t begin, std::size_t end, const ByteClass& classes, Cursor& cursor) {
  std::uint8_t seen = 0;
  for (std::size_t at = begin; at < end; ++at) {
    const std::uint8_t kind = classes.of[static_cast<unsigned char>(data[at])];
    seen = static_cast<std::uint8_t>(seen | kind);
    cursor.marks[cursor.mark_count] = static_cast<std::uint32_t>(at);
    cursor.lines[cursor.line_count] = static_cast<std::uint32_t>(cursor.mark_count);
    cursor.mark_count += kind & 1U;
    cursor.line_count += (kind >> 1U) & 1U;
  }
  return seen;
}

void scan_portable(std::string_view bytes, std::size_t begin, char field_separator, ScanBuffers& buffers) {
  const ByteClass classes(field_separator);
  std::uint8_t seen = 0;
  Cursor cursor{buffers.marks.data(), buffers.lines.data(), 0, 0};
  for (std::size_t at = begin; at < bytes.size(); at += kBlock) {
    if (!has_room(buffers, cursor)) {
      make_room(buffers, cursor.mark_count, cursor.line_count);
      cursor.marks = buffers.marks.data();
      cursor.lines = buffers.lines.data();
    }
    seen = static_cast<std::uint8_t>(seen | scan_bytes(bytes.data(), at, std::min(at + kBlock, bytes.size()), classes, cursor));
  }
  buffers.mark_count = cursor.mark_count;
  buffers.line_count = cursor.line_count;
  buffers.has_nul = (seen & 4U) != 0;
}

#ifdef SMARTHL7_AVX2

// The offsets of the set bits, eight at a time; what is written past the count is written over later.
__attribute__((target("avx2,bmi,popcnt"))) inline void emit(std::uint64_t bits, std::uint64_t line_bits, std::uint32_t base,
                                                            Cursor& cursor) {
  const auto count = static_cast<std::size_t>(__builtin_popcountll(bits));
  while (line_bits != 0) {
    const std::uint64_t below = bits & ((line_bits & (~line_bits + 1)) - 1);
    cursor.lines[cursor.line_count++] =
        static_cast<std::uint32_t>(cursor.mark_count + static_cast<std::size_t>(__builtin_popcountll(below)));
    line_bits &= line_bits - 1;
  }
  std::uint32_t* out = cursor.marks + cursor.mark_count;
  for (std::size_t done = 0; done < count; done += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) {
      out[done + lane] = base + static_cast<std::uint32_t>(_tzcnt_u64(bits));
      bits &= bits - 1;
    }
  }
  cursor.mark_count += count;
}

struct BlockBits {
  std::uint64_t marks;
  std::uint64_t lines;
};

__attribute__((target("avx2,bmi,popcnt"))) inline BlockBits look(const char* at, __m256i separator, __m256i& nul) {
  const __m256i carriage = _mm256_set1_epi8('\r');
  const __m256i feed = _mm256_set1_epi8('\n');
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
  nul = _mm256_min_epu8(nul, _mm256_min_epu8(low, high));
  const __m256i low_line = _mm256_or_si256(_mm256_cmpeq_epi8(low, carriage), _mm256_cmpeq_epi8(low, feed));
  const __m256i high_line = _mm256_or_si256(_mm256_cmpeq_epi8(high, carriage), _mm256_cmpeq_epi8(high, feed));
  const auto mask = [](__m256i lanes) __attribute__((target("avx2"))) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(lanes)));
  };
  const std::uint64_t lines = mask(low_line) | (mask(high_line) << 32U);
  const std::uint64_t fields = mask(_mm256_cmpeq_epi8(low, separator)) | (mask(_mm256_cmpeq_epi8(high, separator)) << 32U);
  return {fields | lines, lines};
}

__attribute__((target("avx2,bmi,popcnt"))) void scan_avx2(std::string_view bytes, std::size_t begin, char field_separator,
                                                          ScanBuffers& buffers) {
  const __m256i separator = _mm256_set1_epi8(field_separator);
  __m256i smallest = _mm256_set1_epi8(static_cast<char>(0xFF));
  Cursor cursor{buffers.marks.data(), buffers.lines.data(), 0, 0};
  for (std::size_t at = begin; at < bytes.size(); at += kBlock) {
    if (!has_room(buffers, cursor)) {
      make_room(buffers, cursor.mark_count, cursor.line_count);
      cursor.marks = buffers.marks.data();
      cursor.lines = buffers.lines.data();
    }
    BlockBits bits{};
    if (bytes.size() - at >= kBlock) {
      bits = look(bytes.data() + at, separator, smallest);
    } else {
      alignas(32) std::array<char, kBlock> rest;
      rest.fill(' ');
      const std::size_t left = bytes.size() - at;
      std::memcpy(rest.data(), bytes.data() + at, left);
      bits = look(rest.data(), separator, smallest);
      const std::uint64_t inside = (std::uint64_t{1} << left) - 1;
      bits.marks &= inside;
      bits.lines &= inside;
    }
    emit(bits.marks, bits.lines, static_cast<std::uint32_t>(at), cursor);
  }
  buffers.mark_count = cursor.mark_count;
  buffers.line_count = cursor.line_count;
  buffers.has_nul = _mm256_movemask_epi8(_mm256_cmpeq_epi8(smallest, _mm256_setzero_si256())) != 0;
}

#endif

}  // namespace

ScanKind best_scan() {
#ifdef SMARTHL7_AVX2
  static const bool fits = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
  if (fits) return ScanKind::avx2;
#endif
  return ScanKind::portable;
}

void scan(ScanKind kind, std::string_view bytes, std::size_t begin, char field_separator, ScanBuffers& buffers) {
  make_room(buffers, 0, 0);
#ifdef SMARTHL7_AVX2
  if (kind == ScanKind::avx2) return scan_avx2(bytes, begin, field_separator, buffers);
#endif
  static_cast<void>(kind);
  scan_portable(bytes, begin, field_separator, buffers);
}

}  // namespace smarthl7::hl7

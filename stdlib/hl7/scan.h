// SPDX-License-Identifier: Apache-2.0
// The one pass over a message's bytes: where the field separators, CRs and LFs stand. Used by Message only.
// Reads nothing outside the given bytes; the caller's buffers grow as needed and are used again.
// Any thread; no failure but running out of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace smarthl7::hl7 {

/// Vectors that only grow; counts say how much of them is in use.
struct ScanBuffers {
  std::vector<std::uint32_t> marks;  // offset of each field separator, CR and LF, in order
  std::vector<std::uint32_t> lines;  // index into marks of each CR and LF
  std::size_t mark_count = 0;
  std::size_t line_count = 0;
  bool has_nul = false;  // a NUL byte was seen
};

enum class ScanKind { portable, avx2 };

/// The fastest kind that this processor can run.
[[nodiscard]] ScanKind best_scan();

/// Scans bytes[begin, end) into buffers (which it empties first). bytes.size() is below 2^32.
void scan(ScanKind kind, std::string_view bytes, std::size_t begin, char field_separator, ScanBuffers& buffers);

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
#include "runtime/store/delta.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "runtime/store/codec.h"

namespace smarthl7::store {

namespace {

constexpr std::size_t kBlock = 16;  // the shortest run that is found again
constexpr std::size_t kPlaces = 2048;

std::uint64_t word(const char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

/// How many of the first `most` bytes are the same.
std::size_t same_forward(const char* a, const char* b, std::size_t most) {
  std::size_t n = 0;
  for (; n + 8 <= most; n += 8)
    if (const std::uint64_t differs = word(a + n) ^ word(b + n); differs != 0)
      return n + static_cast<std::size_t>(std::countr_zero(differs)) / 8;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

/// The same, backwards from just before `a` and `b`.
std::size_t same_backward(const char* a, const char* b, std::size_t most) {
  std::size_t n = 0;
  for (; n + 8 <= most; n += 8)
    if (const std::uint64_t differs = word(a - n - 8) ^ word(b - n - 8); differs != 0)
      return n + static_cast<std::size_t>(std::countl_zero(differs)) / 8;
  while (n < most && a[-1 - static_cast<std::ptrdiff_t>(n)] == b[-1 - static_cast<std::ptrdiff_t>(n)]) ++n;
  return n;
}

/// Where blocks of the base stand, by a hash of their bytes. One place a slot: a block that is overwritten is just not found.
class Places {
 public:
  explicit Places(std::string_view base) : base_(base) {
    const std::size_t stride = std::max(kBlock, base.size() / (kPlaces / 2));
    const std::size_t blocks = base.size() < kBlock ? 0 : (base.size() - kBlock) / stride + 1;
    mask_ = std::bit_ceil(std::max<std::size_t>(blocks, 1) * 2) - 1;
    std::fill_n(slots_.begin(), mask_ + 1, 0U);
    for (std::size_t i = blocks; i-- > 0;) slots_[slot(base.data() + i * stride)] = static_cast<std::uint32_t>(i * stride + 1);
  }

  /// A place of the base that holds the block at `at`; npos if none is known.
  [[nodiscard]] std::size_t find(const char* at) const {
    const std::uint32_t place = slots_[slot(at)];
    if (place == 0 || std::memcmp(base_.data() + place - 1, at, kBlock) != 0) return std::string_view::npos;
    return place - 1;
  }

 private:
  [[nodiscard]] std::size_t slot(const char* at) const {
    const std::uint64_t mixed = (word(at) ^ std::rotl(word(at + 8), 29)) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(mixed >> 40U) & mask_;
  }

  std::string_view base_;
  std::size_t mask_ = 0;
  std::array<std::uint32_t, 2 * kPlaces> slots_;  // NOLINT(cppcoreguidelines-pro-type-member-init): cleared as far as used
};

}  // namespace

// A delta is a list of: copy from, copy size, insert size, inserted bytes.
bool make_delta(std::string_view base, std::string_view edited, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t most = edited.size() / 2;
  if (edited.size() < 4 * kBlock || base.size() > UINT32_MAX) return false;
  ByteWriter writer(out);
  const std::size_t common = std::min(base.size(), edited.size());
  const std::size_t prefix = same_forward(base.data(), edited.data(), common);
  const std::size_t suffix = same_backward(base.data() + base.size(), edited.data() + edited.size(), common - prefix);
  const std::size_t end = edited.size() - suffix;

  std::size_t copy_from = 0;  // the copy that waits for its insertion
  std::size_t copy_size = prefix;
  std::size_t literal = prefix;  // where the insertion begins
  const auto emit = [&](std::size_t until) {
    writer.varint(copy_from);
    writer.varint(copy_size);
    writer.varint(until - literal);
    writer.bytes(edited.substr(literal, until - literal));
  };
  if (end - prefix >= kBlock) {
    const Places places(base);
    for (std::size_t at = prefix; at + kBlock <= end;) {
      const std::size_t found = places.find(edited.data() + at);
      if (found == std::string_view::npos) {
        if (++at - literal > most) break;
        continue;
      }
      const std::size_t back = same_backward(base.data() + found, edited.data() + at, std::min(found, at - literal));
      const std::size_t size =
          back + same_forward(base.data() + found, edited.data() + at, std::min(base.size() - found, end - at));
      at -= back;
      emit(at);
      copy_from = found - back;
      copy_size = size;
      literal = at = at + size;
      if (out.size() - before > most) break;
    }
  }
  if (out.size() - before + (end - literal) + kBlock > most) {
    out.resize(before);
    return false;
  }
  emit(end);
  if (suffix > 0) {
    copy_from = base.size() - suffix;
    copy_size = suffix;
    literal = edited.size();
    emit(edited.size());
  }
  return true;
}

Result<std::string> apply_delta(std::string_view base, std::string_view delta, std::size_t size) {
  std::string out;
  out.reserve(size);
  ByteReader reader(delta);
  while (!reader.done()) {
    const std::uint64_t from = reader.varint();
    const std::uint64_t count = reader.varint();
    const std::string_view inserted = reader.text();
    if (!reader.ok() || from > base.size() || count > base.size() - from || count > size - out.size() ||
        inserted.size() > size - out.size() - count)
      return fail(ErrorCode::corrupt, "a stored difference does not fit its message");
    out.append(base.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(count)));
    out.append(inserted);
  }
  if (out.size() != size) return fail(ErrorCode::corrupt, "a stored difference does not fit its message");
  return out;
}

}  // namespace smarthl7::store

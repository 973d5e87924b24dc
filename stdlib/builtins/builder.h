// SPDX-License-Identifier: Apache-2.0
// Writes a text into an arena, without allocating anything else. The builder takes `room` bytes at once; what does not fit is
// left out, so a function states its bound as the room it takes. One at a time for an arena; what is written lives as long as
// the arena's memory. No failure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

/// No function makes a text longer than this, unless what it was given is.
inline constexpr std::size_t kMostText = std::size_t{16} << 20U;

class Builder {
 public:
  Builder(Arena& arena, std::size_t room) : begin_(room == 0 ? nullptr : arena.take(room)), room_(room) {}

  void put(char c) {
    if (size_ < room_) begin_[size_++] = c;
  }
  void put(std::string_view text) {
    const std::size_t count = std::min(text.size(), room_ - size_);
    if (count > 0) std::copy_n(text.data(), count, begin_ + size_);
    size_ += count;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t left() const { return room_ - size_; }
  [[nodiscard]] bool ends_with(char c) const { return size_ > 0 && begin_[size_ - 1] == c; }
  [[nodiscard]] std::string_view text() const { return {begin_, size_}; }
  [[nodiscard]] Value value() const { return Value::of(text()); }

 private:
  char* begin_;
  std::size_t room_;
  std::size_t size_ = 0;
};

}  // namespace smarthl7::builtins

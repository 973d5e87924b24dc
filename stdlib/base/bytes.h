// SPDX-License-Identifier: Apache-2.0
// Message bytes. A message is stored and passed on as the bytes that came; text encodings are looked at
// only where a value is read. SharedBytes is the one owner of a received message: immutable, cheap to copy,
// safe to hand from thread to thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace smarthl7 {

class SharedBytes {
 public:
  SharedBytes() = default;
  explicit SharedBytes(std::string bytes) : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}

  [[nodiscard]] std::string_view view() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  [[nodiscard]] std::size_t size() const { return bytes_ ? bytes_->size() : 0; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// Two handles on the very same bytes (not a comparison of content).
  [[nodiscard]] bool same_as(const SharedBytes& other) const { return bytes_ == other.bytes_; }

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace smarthl7

// SPDX-License-Identifier: Apache-2.0
// Bytes of the store's own formats: little-endian fixed numbers, varints, length-prefixed texts. Value types, any thread.
// Failure: a reader that runs out of bytes says so in ok() and gives zeros from then on.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace smarthl7::store {

class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}
  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void u32(std::uint32_t value) { raw(&value, 4); }
  void u64(std::uint64_t value) { raw(&value, 8); }
  void i64(std::int64_t value) { raw(&value, 8); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      u8(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    u8(static_cast<std::uint8_t>(value));
  }
  void text(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }
  void bytes(std::string_view value) { out_.append(value); }

 private:
  void raw(const void* from, std::size_t size) { out_.append(static_cast<const char*>(from), size); }
  std::string& out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return at_ == end_; }
  [[nodiscard]] std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  std::int64_t i64() { return fixed<std::int64_t>(); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    ok_ = false;
    return 0;
  }
  std::string_view text() { return bytes(varint()); }
  std::string_view bytes(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      ok_ = false;
      at_ = end_;
      return {};
    }
    const std::string_view value(at_, static_cast<std::size_t>(size));
    at_ += size;
    return value;
  }

 private:
  template <class T>
  T fixed() {
    const std::string_view from = bytes(sizeof(T));
    T value{};
    if (from.size() == sizeof(T)) std::memcpy(&value, from.data(), sizeof(T));
    return value;
  }
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace smarthl7::store

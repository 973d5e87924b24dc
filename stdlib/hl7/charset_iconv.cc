// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/charset_iconv.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace smarthl7::hl7 {
namespace {

constexpr std::array<const char*, kExternalCount> kNames = {"GB18030", "BIG5", "EUC-JP", "EUC-KR", "EUC-TW", "EUC-CN"};

class Converter {
 public:
  Converter() = default;
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }

  [[nodiscard]] bool open(const char* to, const char* from) {
    if (!tried_) handle_ = iconv_open(to, from);
    tried_ = true;
    return is_open();
  }

  std::size_t convert(std::string_view in, std::string& out) {
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    char* from = const_cast<char*>(in.data());  // iconv only reads it
    std::size_t left = in.size();
    while (left > 0) {
      std::array<char, 1024> room;
      char* to = room.data();
      std::size_t free = room.size();
      const std::size_t result = iconv(handle_, &from, &left, &to, &free);
      const int error = errno;
      out.append(room.data(), room.size() - free);
      if (result == static_cast<std::size_t>(-1) && error != E2BIG) break;
    }
    return in.size() - left;
  }

 private:
  [[nodiscard]] bool is_open() const { return tried_ && handle_ != reinterpret_cast<iconv_t>(static_cast<std::intptr_t>(-1)); }
  bool tried_ = false;
  iconv_t handle_ = nullptr;
};

[[nodiscard]] Converter* converter(External set, bool to_utf8) {
  thread_local std::array<std::array<Converter, 2>, kExternalCount> all;
  const auto index = static_cast<std::size_t>(set);
  Converter& one = all[index][to_utf8 ? 0 : 1];
  const bool open = to_utf8 ? one.open("UTF-8", kNames[index]) : one.open(kNames[index], "UTF-8");
  return open ? &one : nullptr;
}

}  // namespace

std::size_t external_to_utf8(External set, std::string_view bytes, std::string& out) {
  Converter* const found = converter(set, true);
  return found == nullptr ? 0 : found->convert(bytes, out);
}

std::size_t utf8_to_external(External set, std::string_view text, std::string& out) {
  Converter* const found = converter(set, false);
  return found == nullptr ? 0 : found->convert(text, out);
}

bool has_external(External set) { return converter(set, true) != nullptr && converter(set, false) != nullptr; }

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// SHA-1 (FIPS 180-4 section 6.1), only because name based UUIDs are made with it (RFC 4122 section 4.3); it protects nothing.
// Value type; allocates nothing; any thread; no failure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace smarthl7::builtins {

class Sha1 {
 public:
  void add(std::string_view bytes);
  /// Ends the message; add() nothing after it.
  [[nodiscard]] std::array<unsigned char, 20> digest();

 private:
  void add_byte(unsigned char byte);
  void take_block();

  std::array<std::uint32_t, 5> state_ = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
  std::array<unsigned char, 64> block_{};
  std::size_t in_block_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace smarthl7::builtins

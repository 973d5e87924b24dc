// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/facts/sha1.h"

#include <bit>

namespace smarthl7::builtins {

void Sha1::add(std::string_view bytes) {
  bytes_ += bytes.size();
  for (const char c : bytes) add_byte(static_cast<unsigned char>(c));
}

void Sha1::add_byte(unsigned char byte) {
  block_[in_block_++] = byte;
  if (in_block_ < block_.size()) return;
  take_block();
  in_block_ = 0;
}

std::array<unsigned char, 20> Sha1::digest() {
  const std::uint64_t bits = bytes_ * 8;
  add_byte(0x80);
  while (in_block_ != 56) add_byte(0);
  for (unsigned i = 0; i < 8; ++i) add_byte(static_cast<unsigned char>((bits >> (56U - 8U * i)) & 0xFFU));
  std::array<unsigned char, 20> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<unsigned char>((state_[i / 4] >> (24U - 8U * (i % 4))) & 0xFFU);
  }
  return digest;
}

void Sha1::take_block() {
  std::array<std::uint32_t, 80> words{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < 4; ++k) words[i] = words[i] << 8U | block_[4 * i + k];
  }
  for (std::size_t i = 16; i < 80; ++i) words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  auto [a, b, c, d, e] = state_;
  for (std::size_t i = 0; i < 80; ++i) {
    std::uint32_t f = b ^ c ^ d;
    std::uint32_t k = i < 40 ? 0x6ED9EBA1U : 0xCA62C1D6U;
    if (i < 20) {
      f = (b & c) | (~b & d);
      k = 0x5A827999U;
    } else if (i >= 40 && i < 60) {
      f = (b & c) | (b & d) | (c & d);
      k = 0x8F1BBCDCU;
    }
    const std::uint32_t next = std::rotl(a, 5) + f + e + k + words[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
  state_[4] += e;
}

}  // namespace smarthl7::builtins

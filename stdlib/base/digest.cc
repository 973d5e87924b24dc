// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <bit>
#include <cstring>

#include "stdlib/base/assert.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace smarthl7 {

Sha256 sha256(std::string_view bytes) {
  Sha256 out{};
  unsigned int size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr);
  SMARTHL7_ASSERT(ok == 1 && size == out.size(), "SHA-256 is always there");
  return out;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 out{};
  unsigned int size = 0;
  const unsigned char* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(), &size);
  SMARTHL7_ASSERT(done != nullptr && size == out.size(), "HMAC-SHA-256 is always there");
  return out;
}

namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1) ^ 0x82F63B78U : value >> 1;
    table[i] = value;
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

std::uint32_t crc_by_table(std::uint32_t crc, const unsigned char* at, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) crc = kCrcTable[(crc ^ at[i]) & 0xFFU] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_by_instruction(std::uint32_t crc, const unsigned char* at,
                                                                   std::size_t size) {
  std::uint64_t wide = crc;
  for (; size >= 8; size -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  return crc_by_table(static_cast<std::uint32_t>(wide), at, size);
}
#endif

struct SipState {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }
};

std::uint64_t load64(const unsigned char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~crc_by_instruction(~seed, at, bytes.size());
#endif
  return ~crc_by_table(~seed, at, bytes.size());
}

Hash128 keyed_hash(const HashKey& key, std::string_view bytes) {
  const std::uint64_t k0 = load64(key.data());
  const std::uint64_t k1 = load64(key.data() + 8);
  SipState s{k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL ^ 0xeeU, k0 ^ 0x6c7967656e657261ULL,
             k1 ^ 0x7465646279746573ULL};
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint64_t word = load64(at);
    s.v3 ^= word;
    s.round(), s.round();
    s.v0 ^= word;
  }
  std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
  for (std::size_t i = 0; i < left; ++i) last |= static_cast<std::uint64_t>(at[i]) << (8 * i);
  s.v3 ^= last;
  s.round(), s.round();
  s.v0 ^= last;
  s.v2 ^= 0xeeU;
  for (int i = 0; i < 4; ++i) s.round();
  const std::uint64_t low = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
  s.v1 ^= 0xddU;
  for (int i = 0; i < 4; ++i) s.round();
  return {s.v0 ^ s.v1 ^ s.v2 ^ s.v3, low};
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[(static_cast<unsigned char>(c) >> 4) & 0xFU];
    out += kDigits[static_cast<unsigned char>(c) & 0xFU];
  }
  return out;
}

}  // namespace smarthl7

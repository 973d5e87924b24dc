// SPDX-License-Identifier: Apache-2.0
// Digests: SHA-256 (FIPS 180-4) for the identity of plans and inputs, HMAC-SHA-256 (RFC 2104) for keyed hashes of
// identifiers, CRC-32C (RFC 3720 appendix B.4) for records on disk, and a fast 128-bit keyed hash (SipHash-2-4-128) for
// dedup and ordering keys. Pure functions; any thread; no failure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace smarthl7 {

using Sha256 = std::array<unsigned char, 32>;
using HashKey = std::array<unsigned char, 16>;

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
#if __cplusplus >= 202002L  // one codec that includes this is built as C++17
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
#endif
};

[[nodiscard]] Sha256 sha256(std::string_view bytes);
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);
[[nodiscard]] Hash128 keyed_hash(const HashKey& key, std::string_view bytes);
[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] inline std::string to_hex(const Sha256& digest) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace smarthl7

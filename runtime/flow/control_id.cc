// SPDX-License-Identifier: Apache-2.0
#include "runtime/flow/control_id.h"

#include "stdlib/base/digest.h"

namespace smarthl7::flow {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string twenty_digits(std::uint64_t first, std::uint64_t second) {
  std::string id(20, '0');
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::uint64_t& bits = i < 10 ? first : second;
    id[i] = kDigits[bits & 31U];
    bits >>= 5U;
  }
  return id;
}

}  // namespace

std::string new_control_id(env::Random& random) {
  const std::uint64_t first = random.next();
  return twenty_digits(first, random.next());
}

std::string derived_control_id(std::string_view bytes, std::string_view purpose) {
  HashKey key{};  // no secret: the id only has to differ where bytes or purpose do
  for (std::size_t i = 0; i < purpose.size(); ++i) key[i % key.size()] ^= static_cast<unsigned char>(purpose[i]);
  const Hash128 hash = keyed_hash(key, bytes);
  return twenty_digits(hash.high, hash.low);
}

}  // namespace smarthl7::flow

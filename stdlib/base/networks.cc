// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace smarthl7 {
namespace {

constexpr unsigned kMappedBits = 96;
using Bytes = std::array<unsigned char, 16>;

struct Address {
  Bytes bytes{};
  bool v4 = false;
};

std::optional<Address> read_address(std::string_view text) {
  const std::string whole(text);
  Address out;
  if (::inet_pton(AF_INET6, whole.c_str(), out.bytes.data()) == 1) return out;
  out.bytes[10] = out.bytes[11] = 0xff;
  if (::inet_pton(AF_INET, whole.c_str(), out.bytes.data() + 12) != 1) return std::nullopt;
  out.v4 = true;
  return out;
}

bool same_up_to(const Bytes& a, const Bytes& b, unsigned prefix) {
  const unsigned whole = prefix / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned rest = prefix % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

/// The address with nothing beyond the prefix.
Bytes cut(const Bytes& bytes, unsigned prefix) {
  Bytes out{};
  for (unsigned bit = 0; bit < prefix; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
    out[bit / 8] = static_cast<unsigned char>(out[bit / 8] | (bytes[bit / 8] & mask));
  }
  return out;
}

}  // namespace

Result<Networks> Networks::parse(std::string_view text) {
  Networks out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(", "), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.empty()) continue;
    const std::string shown(one);
    const std::size_t slash = one.find('/');
    const auto address = read_address(one.substr(0, slash));
    if (!address) return fail(ErrorCode::invalid, "`" + shown + "` is not an address or a network, as in 10.0.0.0/8");
    const unsigned most = address->v4 ? 32 : 128;
    unsigned prefix = most;
    if (slash != std::string_view::npos) {
      const std::string_view digits = one.substr(slash + 1);
      const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
      if (error != std::errc{} || last != digits.data() + digits.size() || prefix > most)
        return fail(ErrorCode::invalid, "`" + shown + "`: a prefix has 0 to " + std::to_string(most) + " bits");
    }
    const Network network{address->bytes, prefix + (address->v4 ? kMappedBits : 0)};
    if (cut(network.address, network.prefix) != network.address)
      return fail(ErrorCode::invalid, "`" + shown + "` has bits beyond its prefix: is the address or the prefix meant?");
    out.all_.push_back(network);
  }
  if (out.all_.empty()) return fail(ErrorCode::invalid, "no address is given that may connect");
  return out;
}

bool Networks::hold(std::string_view peer) const {
  const std::size_t colon = peer.rfind(':');
  std::string_view host = peer.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = read_address(host);
  return address && std::ranges::any_of(all_, [&](const Network& network) {
           return same_up_to(address->bytes, network.address, network.prefix);
         });
}

}  // namespace smarthl7

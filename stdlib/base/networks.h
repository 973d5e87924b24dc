// SPDX-License-Identifier: Apache-2.0
// Who may connect, by address: IPv4 and IPv6 addresses and networks ("10.0.0.0/8, 192.0.2.7, fd00::/8").
// Value type; any thread. Failure: invalid, naming the part that is no address or network.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7 {

class Networks {
 public:
  /// A comma or a space between two. A network whose address has bits beyond its prefix is a slip of the pen, and refused.
  [[nodiscard]] static Result<Networks> parse(std::string_view text);

  [[nodiscard]] bool empty() const { return all_.empty(); }
  /// "10.1.2.3:40112" or "[fd00::7]:40112", as streams name their peers. What is no address is in no network.
  [[nodiscard]] bool hold(std::string_view peer) const;

 private:
  struct Network {
    std::array<unsigned char, 16> address{};  // IPv4 as ::ffff:a.b.c.d, so a peer of either form is found
    unsigned prefix = 0;
  };
  std::vector<Network> all_;
};

}  // namespace smarthl7

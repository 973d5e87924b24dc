// SPDX-License-Identifier: Apache-2.0
// Certificates for tests: an authority, and what it signs, made on the spot (P-256). Value types; any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "stdlib/base/protect.h"

namespace smarthl7::transport::testing {

struct Identity {
  std::string certificate_pem;
  Secret key_pem;
};

struct Wanted {
  std::string common_name;
  std::string alternative_name;  // "DNS:hub.example", "IP:127.0.0.1"; empty: none
  std::chrono::days valid{2};    // negative: expired so long ago
};

/// A revocation list of the authority that names these, PEM.
[[nodiscard]] std::string make_revocations(const Identity& authority, const std::vector<Identity>& revoked);
/// Signs itself.
[[nodiscard]] Identity make_authority(const std::string& common_name);
[[nodiscard]] Identity make_identity(const Identity& authority, const Wanted& wanted);

}  // namespace smarthl7::transport::testing

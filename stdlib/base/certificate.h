// SPDX-License-Identifier: Apache-2.0
// What stands in X.509 certificates (RFC 5280): whose they are, until when, how strong. Reads; judges nothing and trusts
// nothing. Value types; any thread. Failure: invalid, with the reason, for text that holds no certificate or a damaged one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"
#include "stdlib/base/time.h"

namespace smarthl7 {

struct Certificate {
  std::string subject;             // "CN=hub.example,O=Region", RFC 2253
  std::string issuer;              // the same
  std::vector<std::string> names;  // host names and addresses that it is for (subjectAltName), in its order
  WallTime not_before{};
  WallTime not_after{};
  std::string key;           // "RSA 2048", "EC 256"
  unsigned key_bits = 0;     //
  bool is_rsa = false;       //
  std::string signature;     // "sha256WithRSAEncryption"
  std::string fingerprint;   // SHA-256 of the whole, in hex
  bool self_issued = false;  // subject and issuer are the same
};

/// All of a PEM text, in its order: at least one.
[[nodiscard]] Result<std::vector<Certificate>> read_certificates(std::string_view pem);
[[nodiscard]] Result<Certificate> read_certificate(std::span<const unsigned char> der);

/// Whole days from `now` to its end: 0 on its last day, negative when it has passed.
[[nodiscard]] long days_left(const Certificate& certificate, WallTime now);

}  // namespace smarthl7

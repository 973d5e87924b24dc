// SPDX-License-Identifier: Apache-2.0
// A handshake that looks instead of judging: it goes on in spite of a certificate that no client should take, and says what is
// wrong with it. For `probe` alone; what is sent over such a connection goes to whoever is there.
// Ownership: the caller reads the Inspection after the handshake. Threads: those of the stream. Failure: as tls::connect().
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/env/stream.h"
#include "runtime/transport/tls/tls.h"
#include "stdlib/base/certificate.h"

namespace smarthl7::transport::tls {

enum class Fault : std::uint8_t {
  expired,
  not_yet_valid,
  self_signed,        // by nobody else, and not by one that is trusted
  unknown_authority,  // the chain ends in nobody who is trusted
  wrong_name,
  weak,   // a key or a signature that is not safe any more
  other,  // anything else; the text says what
};

struct Inspection {
  bool done = false;                                  // the handshake was finished
  std::string version;                                // "TLSv1.3"
  std::string cipher;                                 // "TLS_AES_256_GCM_SHA384"
  bool asks_certificate = false;                      // of the client
  std::vector<Certificate> chain;                     // what the server shows: its own first
  std::vector<std::pair<Fault, std::string>> faults;  // each once, with its text
};

enum class Offer : std::uint8_t {
  safe,   // TLS 1.2 and 1.3, ciphers of today
  old,    // TLS 1.0 and 1.1 alone
  weak,   // TLS 1.2 with ciphers alone that hide nothing or authenticate nobody, or that are broken
  fixed,  // TLS 1.2 without forward secrecy alone: who steals the key later reads what was recorded
};

struct InspectSettings {
  std::string ca_pem;           // empty: those of the system
  std::string certificate_pem;  // may be empty, with the key
  Secret key_pem;
  std::string server_name;  // what the certificate must be for
  Offer offer = Offer::safe;
};

/// invalid: the files cannot be used. `inspection` is filled during the handshake.
[[nodiscard]] Result<std::shared_ptr<const Context>> make_inspecting_context(const InspectSettings& settings,
                                                                             std::shared_ptr<Inspection> inspection);

}  // namespace smarthl7::transport::tls

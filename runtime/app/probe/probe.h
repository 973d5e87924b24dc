// SPDX-License-Identifier: Apache-2.0
// The work of `smarthl7 probe`: looks at a receiver from outside and names what is wrong with it. Unless told to, it sends
// nothing but the handshakes of TCP, TLS and SSH, and OPTIONS of HTTP: nothing that a receiver could take for a message.
// Ownership: borrows the Env. Threads: one executor. Failure: an Error only for what was asked wrongly (address, files); what
// is wrong with the receiver is a finding. Findings hold codes and sizes of what came, never its text.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/app/peer/url.h"
#include "runtime/env/env.h"
#include "runtime/env/task.h"
#include "stdlib/base/bytes.h"
#include "stdlib/base/certificate.h"

namespace smarthl7::app::probe {

enum class Severity : std::uint8_t {
  fine,
  note,     // good to know
  warning,  // works now, and should be put right
  defect,   // messages do not get through, or not safely
};
[[nodiscard]] std::string_view name_of(Severity severity);

struct Finding {
  std::string stage;  // resolve, connect, tls, certificate, quiet, options, answer, nak, ssh, host key, login
  Severity severity = Severity::fine;
  std::string code;  // "certificate_expired": does not change; empty when fine
  std::string text;
  std::string help{};
};

struct Settings {
  std::string url;  // mllp://host:port, mllps://host:port, https://host/path, sftp://user@host:port
  peer::Tls tls;
  std::string via;                                         // our address or interface; empty: the system chooses
  bool scan = true;                                        // try what should be refused too: old versions, weak ciphers
  bool ask = false;                                        // send a query for the receiver's clock (NMQ^N01, processing id T)
  bool nak = false;                                        // send a frame that holds no message
  std::vector<SharedBytes> messages;                       // to be sent as they are, one after the other
  std::chrono::nanoseconds wait{std::chrono::seconds(5)};  // for each step
};

struct Report {
  std::string url;
  std::vector<std::string> addresses;
  std::string tls_version, tls_cipher;
  std::vector<Certificate> chain;
  std::vector<std::string> host_keys;  // of SSH: "ssh-ed25519 SHA256:..."
  std::vector<Finding> findings;

  [[nodiscard]] std::size_t count(Severity severity) const;
};

env::Task<Result<Report>> probe(env::Env env, Settings settings);

/// For people (coloured by nobody), and for programs.
[[nodiscard]] std::string to_text(const Report& report);
[[nodiscard]] std::string to_json(const Report& report);

}  // namespace smarthl7::app::probe

// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 over any env::Stream (a socket or a simulated one), by OpenSSL with its input and output in memory.
// Contexts are shared by many connections and threads; renew_*() gives one new certificates, keys and authorities, which
// connections use that begin after it, and those that are open go on as they are. A TLS stream is used like the stream below
// it, which it owns. Failure: ErrorCode::refused when certificates or protocol do not fit; the text names the cause, never
// content.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/env/stream.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::transport::tls {

enum class Version { tls12, tls13 };

struct ServerSettings {
  std::string certificate_pem;  // own certificate first, then the chain
  Secret key_pem;
  std::string clients_pem;  // authorities of clients; empty: no client certificate is asked for
  std::string crl_pem{};    // what these authorities have revoked; empty: nothing is looked up
  std::string pin{};        // the one client that may connect: see ClientSettings
  Version least = Version::tls12;
  Version most = Version::tls13;
};

struct ClientSettings {
  std::string ca_pem;           // authorities of servers; empty: those of the system
  std::string certificate_pem;  // may be empty, with the key
  Secret key_pem;
  std::string server_name;  // what the certificate must be for: a host name or an IP address; also sent as SNI
  std::string crl_pem{};
  /// The one certificate that is taken: its subject as RFC 2253 writes it ("CN=hub,O=Region"), a name that it is for, or
  /// "sha256:" and the digest of the whole in hex. Empty: any that the authorities have signed.
  std::string pin{};
  Version least = Version::tls12;
  Version most = Version::tls13;
};

class Context {  // of one side; the OpenSSL object is inside
 public:
  virtual ~Context() = default;
};

/// invalid: certificates or key cannot be read or do not belong together; the text says which.
[[nodiscard]] Result<std::shared_ptr<const Context>> make_server_context(const ServerSettings& settings);
[[nodiscard]] Result<std::shared_ptr<const Context>> make_client_context(const ClientSettings& settings);

/// New files for what make_*() made, with the same name. On an Error the old ones go on to be used. Any thread.
[[nodiscard]] Result<void> renew_server_context(const Context& context, const ServerSettings& settings);
[[nodiscard]] Result<void> renew_client_context(const Context& context, const ClientSettings& settings);

/// Handshakes. On failure the other end is told, and the stream below is closed.
env::Task<Result<std::unique_ptr<env::Stream>>> accept(std::shared_ptr<const Context> context,
                                                       std::unique_ptr<env::Stream> below, SteadyTime deadline);
env::Task<Result<std::unique_ptr<env::Stream>>> connect(std::shared_ptr<const Context> context,
                                                        std::unique_ptr<env::Stream> below, SteadyTime deadline);

}  // namespace smarthl7::transport::tls

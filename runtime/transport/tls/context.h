// SPDX-License-Identifier: Apache-2.0
// The OpenSSL side of a Context, and OpenSSL's errors in our words. Internal to this folder.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/transport/tls/tls.h"

namespace smarthl7::transport::tls {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslPointer = std::unique_ptr<SSL, FreeSsl>;

class OpensslContext final : public Context {
 public:
  OpensslContext(std::shared_ptr<SSL_CTX> context, std::string server_name)
      : context_(std::move(context)), server_name_(std::move(server_name)) {}
  /// What a connection that begins now uses; it keeps its own share, whatever comes later.
  [[nodiscard]] std::shared_ptr<SSL_CTX> get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void replace(std::shared_ptr<SSL_CTX> fresh) const {
    const std::lock_guard lock(mutex_);
    context_.swap(fresh);
  }
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  /// Called on each connection when its handshake is done. Set before the context is shared.
  void when_established(std::function<void(SSL*)> look) { established_ = std::move(look); }
  void established(SSL* ssl) const {
    if (established_) established_(ssl);
  }

 private:
  mutable std::mutex mutex_;  // held for a moment by each new connection, never on a message's way
  mutable std::shared_ptr<SSL_CTX> context_;
  std::string server_name_;
  std::function<void(SSL*)> established_;
};

[[nodiscard]] Result<std::shared_ptr<OpensslContext>> make_client_openssl_context(const ClientSettings& settings);

/// Why the last call on `ssl` failed, from OpenSSL's queue (which is emptied) and the result of the verification.
[[nodiscard]] Error take_error(SSL* ssl, const std::string& peer);
[[nodiscard]] std::string subject_of_peer(const SSL* ssl);

}  // namespace smarthl7::transport::tls

// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/tls/context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <vector>

#include "stdlib/base/certificate.h"

namespace smarthl7::transport::tls {

namespace {

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

std::string queue_text() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (reason == nullptr) continue;
    text += (text.empty() ? "" : ", ");
    text += reason;
  }
  return text.empty() ? "no reason given" : text;
}

Owned<BIO> memory_of(std::string_view pem) { return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

int no_passphrase(char*, int, int, void*) { return 0; }  // never ask on a terminal

Result<std::vector<Owned<X509>>> read_certificates(std::string_view pem, const std::string& what) {
  ERR_clear_error();
  const auto memory = memory_of(pem);
  std::vector<Owned<X509>> certificates;
  while (X509* certificate = PEM_read_bio_X509(memory.get(), nullptr, no_passphrase, nullptr))
    certificates.emplace_back(certificate);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) return fail(ErrorCode::invalid, what + " cannot be read: " + queue_text());
  ERR_clear_error();
  if (certificates.empty()) return fail(ErrorCode::invalid, what + " holds no certificate in PEM");
  return certificates;
}

Result<void> use_certificate(SSL_CTX* context, const std::string& pem, const Secret& key_pem) {
  TRY(auto certificates, read_certificates(pem, "the certificate file"));
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const int ok = i == 0 ? SSL_CTX_use_certificate(context, certificates[i].get())
                          : static_cast<int>(SSL_CTX_add1_chain_cert(context, certificates[i].get()));
    if (ok != 1) return fail(ErrorCode::invalid, "the certificate is not accepted: " + queue_text());
  }
  const auto memory = memory_of(key_pem.reveal());
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    ERR_clear_error();
    return fail(ErrorCode::invalid, "the private key is not an unencrypted key in PEM");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::invalid, "the private key does not belong to the certificate");
  }
  return {};
}

Result<void> trust(SSL_CTX* context, const std::string& pem, bool announce) {
  TRY(auto certificates, read_certificates(pem, "the file of authorities"));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& certificate : certificates) {
    X509_STORE_add_cert(store, certificate.get());
    if (announce) SSL_CTX_add_client_CA(context, certificate.get());
  }
  ERR_clear_error();
  return {};
}

/// Revocation lists: a certificate that one of them names is refused, and so is one whose authority has no list here.
Result<void> use_revocations(SSL_CTX* context, const std::string& pem) {
  if (pem.empty()) return {};
  ERR_clear_error();
  const auto memory = memory_of(pem);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  std::size_t count = 0;
  while (const Owned<X509_CRL> list{PEM_read_bio_X509_CRL(memory.get(), nullptr, no_passphrase, nullptr)}) {
    X509_STORE_add_crl(store, list.get());
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return fail(ErrorCode::invalid, "the file of revocations holds no X509 CRL in PEM");
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_CRL_CHECK);
  return {};
}

bool is_pinned(X509* certificate, const std::string& pin) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return false;
  const auto facts = read_certificate({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  if (!facts) return false;
  if (pin.starts_with("sha256:")) return pin.substr(7) == facts->fingerprint;
  return pin == facts->subject || std::ranges::find(facts->names, pin) != facts->names.end();
}

int pin_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* pin, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(pin); });
  return index;
}

/// After the chain was verified, its first certificate must be the one that is pinned as well.
int check_pin(int fine, X509_STORE_CTX* chain) {
  if (fine != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return fine;
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* pin = static_cast<const std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), pin_index()));
  if (pin == nullptr || is_pinned(X509_STORE_CTX_get_current_cert(chain), *pin)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return 0;
}

void use_pin(SSL_CTX* context, const std::string& pin) {
  if (!pin.empty()) SSL_CTX_set_ex_data(context, pin_index(), new std::string(pin));
}

int number_of(Version version) { return version == Version::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION; }

Result<std::shared_ptr<SSL_CTX>> make(const SSL_METHOD* method, Version least, Version most) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), FreeSsl());
  if (!context) return fail(ErrorCode::io, "TLS cannot be set up: " + queue_text());
  SSL_CTX_set_min_proto_version(context.get(), number_of(least));
  SSL_CTX_set_max_proto_version(context.get(), number_of(most));
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Ten thousand idle connections hold no buffers; a write may be repeated from another address.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

bool is_ip(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

/// What the other end told us in an alert (RFC 8446 section 6.2), as a cause.
const char* alert_cause(int reason) {
  switch (reason) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return "it does not know the authority that signed our certificate";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: return "our certificate has expired";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED: return "our certificate is revoked";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE: return "it does not accept our certificate (wrong name, or damaged)";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN: return "it does not accept our certificate";
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: return "our certificate is not of a kind that it takes";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return "it demands a client certificate and we have shown none";
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED: return "our certificate is valid but has no access";
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return "it does not take our version of TLS";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: return "it found no common parameters, or demands a client certificate";
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR: return "our certificate or its key is wrong";
    case SSL_R_TLSV1_UNRECOGNIZED_NAME: return "it has no certificate for the name that we asked for";
    default: return nullptr;
  }
}

const char* own_cause(int reason) {
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_PACKET_LENGTH_TOO_LONG: return "it sends plain text, not TLS";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return "it has shown no client certificate";
    case SSL_R_UNSUPPORTED_PROTOCOL: return "its version of TLS is too old";
    case SSL_R_NO_SHARED_CIPHER: return "there is no common cipher";
    default: return nullptr;
  }
}

}  // namespace

Error take_error(SSL* ssl, const std::string& peer) {
  const std::string start = "TLS with " + peer + " failed: ";
  const long verified = SSL_get_verify_result(ssl);
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  std::string text = queue_text();
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified == X509_V_ERR_CERT_REJECTED)
    return {ErrorCode::refused, start + "its certificate is not the one that is pinned here"};
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
    return {ErrorCode::refused, start + "its certificate is not accepted: " + X509_verify_cert_error_string(verified)};
  if (const char* cause = alert_cause(reason)) return {ErrorCode::refused, start + cause};
  if (const char* cause = own_cause(reason)) return {ErrorCode::refused, start + cause};
  const bool alert = reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256;
  return {alert ? ErrorCode::refused : ErrorCode::io, start + text};
}

std::string subject_of_peer(const SSL* ssl) {
  const Owned<X509> certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate) return {};
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

namespace {

Result<std::shared_ptr<SSL_CTX>> make_server(const ServerSettings& settings) {
  TRY(auto context, make(TLS_server_method(), settings.least, settings.most));
  TRY_VOID(use_certificate(context.get(), settings.certificate_pem, settings.key_pem));
  static constexpr unsigned char kSessions[] = "smarthl7";
  SSL_CTX_set_session_id_context(context.get(), kSessions, sizeof kSessions - 1);
  if (settings.clients_pem.empty() && (!settings.pin.empty() || !settings.crl_pem.empty()))
    return fail(ErrorCode::invalid, "`pin` and `crl` judge certificates of clients, and no authority of clients is given");
  if (!settings.clients_pem.empty()) {
    TRY_VOID(trust(context.get(), settings.clients_pem, true));
    TRY_VOID(use_revocations(context.get(), settings.crl_pem));
    use_pin(context.get(), settings.pin);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, check_pin);
  }
  return context;
}

Result<std::shared_ptr<SSL_CTX>> make_client(const ClientSettings& settings) {
  TRY(auto context, make(TLS_client_method(), settings.least, settings.most));
  if (settings.ca_pem.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    TRY_VOID(trust(context.get(), settings.ca_pem, false));
  }
  TRY_VOID(use_revocations(context.get(), settings.crl_pem));
  if (settings.certificate_pem.empty() != settings.key_pem.empty())
    return fail(ErrorCode::invalid, "a client certificate needs its private key, and a key its certificate");
  if (!settings.certificate_pem.empty()) TRY_VOID(use_certificate(context.get(), settings.certificate_pem, settings.key_pem));
  if (settings.server_name.empty())
    return fail(ErrorCode::invalid, "the name that the server's certificate must carry is empty");
  X509_VERIFY_PARAM* check = SSL_CTX_get0_param(context.get());
  const int ok = is_ip(settings.server_name) ? X509_VERIFY_PARAM_set1_ip_asc(check, settings.server_name.c_str())
                                             : X509_VERIFY_PARAM_set1_host(check, settings.server_name.c_str(), 0);
  X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (ok != 1) return fail(ErrorCode::invalid, "`" + settings.server_name + "` is not a host name");
  use_pin(context.get(), settings.pin);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, check_pin);
  return context;
}

}  // namespace

Result<std::shared_ptr<const Context>> make_server_context(const ServerSettings& settings) {
  TRY(auto context, make_server(settings));
  return std::make_shared<const OpensslContext>(std::move(context), std::string());
}

Result<std::shared_ptr<const Context>> make_client_context(const ClientSettings& settings) {
  return make_client_openssl_context(settings);
}

Result<std::shared_ptr<OpensslContext>> make_client_openssl_context(const ClientSettings& settings) {
  TRY(auto context, make_client(settings));
  return std::make_shared<OpensslContext>(std::move(context),
                                          is_ip(settings.server_name) ? std::string() : settings.server_name);
}

Result<void> renew_server_context(const Context& context, const ServerSettings& settings) {
  TRY(auto fresh, make_server(settings));
  static_cast<const OpensslContext&>(context).replace(std::move(fresh));
  return {};
}

Result<void> renew_client_context(const Context& context, const ClientSettings& settings) {
  TRY(auto fresh, make_client(settings));
  static_cast<const OpensslContext&>(context).replace(std::move(fresh));
  return {};
}

}  // namespace smarthl7::transport::tls

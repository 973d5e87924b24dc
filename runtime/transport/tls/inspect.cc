// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/tls/inspect.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "runtime/transport/tls/context.h"

namespace smarthl7::transport::tls {
namespace {

constexpr const char* kWeak = "NULL:eNULL:aNULL:RC4:RC2:DES:3DES:SEED:IDEA:EXPORT:MD5:@SECLEVEL=0";
constexpr const char* kFixed = "kRSA:!NULL:!RC4:!3DES:@SECLEVEL=0";

Fault kind_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return Fault::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return Fault::not_yet_valid;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return Fault::self_signed;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED: return Fault::unknown_authority;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return Fault::wrong_name;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK: return Fault::weak;
    default: return Fault::other;
  }
}

Inspection* inspection_of(const SSL* ssl) { return static_cast<Inspection*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl))); }

int note_fault(int fine, X509_STORE_CTX* chain) {
  if (fine == 1) return 1;
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  Inspection* into = inspection_of(ssl);
  const int error = X509_STORE_CTX_get_error(chain);
  const Fault fault = kind_of(error);
  const auto known = [fault](const auto& one) { return one.first == fault; };
  if (std::ranges::none_of(into->faults, known)) into->faults.emplace_back(fault, X509_verify_cert_error_string(error));
  return 1;
}

int note_request(SSL* ssl, void* /*unused*/) {
  inspection_of(ssl)->asks_certificate = true;
  return 1;
}

void note_established(SSL* ssl) {
  Inspection* into = inspection_of(ssl);
  into->done = true;
  into->version = SSL_get_version(ssl);
  into->cipher = SSL_get_cipher_name(ssl);
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(chain, i), &der);
    if (size <= 0) continue;
    if (auto facts = read_certificate({der, static_cast<std::size_t>(size)})) into->chain.push_back(std::move(*facts));
    OPENSSL_free(der);
  }
  ERR_clear_error();
}

void offer(SSL_CTX* context, Offer what) {
  switch (what) {
    case Offer::safe: return;
    case Offer::old:
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
      return;
    case Offer::weak:
    case Offer::fixed:
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
      SSL_CTX_set_cipher_list(context, what == Offer::weak ? kWeak : kFixed);
      return;
  }
}

}  // namespace

Result<std::shared_ptr<const Context>> make_inspecting_context(const InspectSettings& settings,
                                                               std::shared_ptr<Inspection> inspection) {
  const ClientSettings client{.ca_pem = settings.ca_pem,
                              .certificate_pem = settings.certificate_pem,
                              .key_pem = settings.key_pem,
                              .server_name = settings.server_name};
  TRY(auto context, make_client_openssl_context(client));
  SSL_CTX* raw = context->get().get();
  SSL_CTX_set_app_data(raw, inspection.get());
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, note_fault);
  SSL_CTX_set_cert_cb(raw, note_request, nullptr);
  offer(raw, settings.offer);
  context->when_established([kept = std::move(inspection)](SSL* ssl) { note_established(ssl); });
  return context;
}

}  // namespace smarthl7::transport::tls

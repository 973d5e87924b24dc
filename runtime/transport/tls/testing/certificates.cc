// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/tls/testing/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>

#include "stdlib/base/assert.h"

namespace smarthl7::transport::testing {

namespace {

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

std::string text_of(BIO* memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  return {text, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  SMARTHL7_ASSERT(extension != nullptr, "an extension of a test certificate is wrong");
  X509_add_ext(certificate, extension.get(), -1);
}

Owned<X509> read_certificate(const Identity& identity) {
  const Owned<BIO> pem(BIO_new_mem_buf(identity.certificate_pem.data(), static_cast<int>(identity.certificate_pem.size())));
  return Owned<X509>(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
}

Owned<EVP_PKEY> read_key(const Identity& identity) {
  const auto text = identity.key_pem.reveal();
  const Owned<BIO> pem(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return Owned<EVP_PKEY>(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
}

Identity sign(const Identity* authority, const Wanted& wanted) {
  static std::atomic<long> serial{1};
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  const long seconds = std::chrono::seconds(wanted.valid).count();
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), seconds < 0 ? 2 * seconds : -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.c_str()), -1, -1, 0);
  Owned<X509> issuer;
  Owned<EVP_PKEY> issuer_key;
  if (authority != nullptr) {
    issuer = read_certificate(*authority);
    issuer_key = read_key(*authority);
  }
  X509* by = issuer ? issuer.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(by));
  extend(certificate.get(), by, NID_basic_constraints, authority == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (!wanted.alternative_name.empty()) extend(certificate.get(), by, NID_subject_alt_name, wanted.alternative_name);
  X509_sign(certificate.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256());
  const Owned<BIO> certificate_out(BIO_new(BIO_s_mem()));
  const Owned<BIO> key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_out.get(), certificate.get());
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate_out.get()), Secret(text_of(key_out.get()))};
}

}  // namespace

std::string make_revocations(const Identity& authority, const std::vector<Identity>& revoked) {
  const Owned<X509> issuer = read_certificate(authority);
  const Owned<X509_CRL> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.get()));
  const Owned<ASN1_TIME> before(X509_gmtime_adj(nullptr, -3600));
  const Owned<ASN1_TIME> after(X509_gmtime_adj(nullptr, 24 * 3600));
  X509_CRL_set1_lastUpdate(list.get(), before.get());
  X509_CRL_set1_nextUpdate(list.get(), after.get());
  for (const Identity& one : revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();  // the list takes it
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(read_certificate(one).get()));
    X509_REVOKED_set_revocationDate(entry, before.get());
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_CRL_sort(list.get());
  X509_CRL_sign(list.get(), read_key(authority).get(), EVP_sha256());
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(out.get(), list.get());
  return text_of(out.get());
}

Identity make_authority(const std::string& common_name) {
  return sign(nullptr, {.common_name = common_name, .alternative_name = {}});
}
Identity make_identity(const Identity& authority, const Wanted& wanted) { return sign(&authority, wanted); }

}  // namespace smarthl7::transport::testing

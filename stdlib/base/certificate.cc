// SPDX-License-Identifier: Apache-2.0
#include "stdlib/base/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <ctime>
#include <memory>

#include "stdlib/base/digest.h"

namespace smarthl7 {
namespace {

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

int no_passphrase(char*, int, int, void*) { return 0; }  // never ask on a terminal

std::string name_text(const X509_NAME* name) {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
  const unsigned char* at = ASN1_STRING_get0_data(bytes);
  const int size = ASN1_STRING_length(bytes);
  std::string text;
  for (int i = 0; i < size; i += size == 16 ? 2 : 1) {
    if (i > 0) text += size == 16 ? ':' : '.';
    char piece[8];
    if (size == 16) {
      std::snprintf(piece, sizeof piece, "%x", static_cast<unsigned>(at[i] << 8 | at[i + 1]));
    } else {
      std::snprintf(piece, sizeof piece, "%u", static_cast<unsigned>(at[i]));
    }
    text += piece;
  }
  return text;
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  const Owned<GENERAL_NAMES> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      names.push_back(address_text(name->d.iPAddress));
    }
  }
  return names;
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  using namespace std::chrono;
  const year_month_day day{year(parts.tm_year + 1900), month(static_cast<unsigned>(parts.tm_mon + 1)),
                           std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  return WallTime(sys_days(day)) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

Certificate facts_of(const X509* certificate) {
  Certificate facts;
  facts.subject = name_text(X509_get_subject_name(certificate));
  facts.issuer = name_text(X509_get_issuer_name(certificate));
  facts.self_issued = facts.subject == facts.issuer;
  facts.names = names_of(certificate);
  facts.not_before = time_of(X509_get0_notBefore(certificate));
  facts.not_after = time_of(X509_get0_notAfter(certificate));
  if (const EVP_PKEY* key = X509_get0_pubkey(certificate)) {
    facts.key_bits = static_cast<unsigned>(EVP_PKEY_get_bits(key));
    facts.is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    const char* kind = EVP_PKEY_get0_type_name(key);
    facts.key = std::string(kind == nullptr ? "unknown" : kind) + " " + std::to_string(facts.key_bits);
  }
  const char* signature = OBJ_nid2sn(X509_get_signature_nid(certificate));
  facts.signature = signature == nullptr ? "unknown" : signature;
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const Owned<unsigned char> owned(der);
  if (size > 0)
    facts.fingerprint = to_hex(sha256(std::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size))));
  return facts;
}

}  // namespace

Result<std::vector<Certificate>> read_certificates(std::string_view pem) {
  ERR_clear_error();
  const Owned<BIO> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> all;
  while (const Owned<X509> one{PEM_read_bio_X509(memory.get(), nullptr, no_passphrase, nullptr)})
    all.push_back(facts_of(one.get()));
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return fail(ErrorCode::invalid, "a certificate in it is damaged");
  if (all.empty()) return fail(ErrorCode::invalid, "it holds no certificate in PEM");
  return all;
}

Result<Certificate> read_certificate(std::span<const unsigned char> der) {
  const unsigned char* at = der.data();
  const Owned<X509> one(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!one) return fail(ErrorCode::invalid, "the certificate is damaged");
  return facts_of(one.get());
}

long days_left(const Certificate& certificate, WallTime now) {
  return static_cast<long>(std::chrono::floor<std::chrono::days>(certificate.not_after - now).count());
}

}  // namespace smarthl7

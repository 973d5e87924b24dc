// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/peer/url.h"

#include "runtime/env/stream.h"

namespace smarthl7::app::peer {

namespace {

struct Address {
  std::string text;
  bool tls = false;
};

Result<Address> read_url(const std::string& url) {
  Address address;
  if (url.starts_with("mllp://")) {
    address.text = url.substr(7);
  } else if (url.starts_with("mllps://")) {
    address.text = url.substr(8);
    address.tls = true;
  } else {
    return fail(ErrorCode::invalid, "`" + url + "` is not an address of the form mllp://HOST:PORT or mllps://HOST:PORT");
  }
  if (address.text.ends_with('/')) address.text.pop_back();
  TRY_VOID(env::Endpoint::parse(address.text));
  return address;
}

}  // namespace

Result<transport::Options> destination_options(const std::string& url, const Tls& tls) {
  TRY(const Address address, read_url(url));
  transport::Options options;
  options.set_text("connect", address.text);
  const bool any = !tls.ca.empty() || !tls.certificate.empty() || !tls.name.empty();
  if (!address.tls && any) return fail(ErrorCode::invalid, "TLS files are given, but " + url + " is plain: write mllps://");
  if (!address.tls) return options;
  options.set_text("tls", "");
  if (!tls.ca.empty()) options.set_text("tls.ca", tls.ca);
  if (!tls.certificate.empty()) options.set_text("tls.certificate", tls.certificate);
  if (!tls.key.empty()) options.set_secret("tls.key", tls.key);
  if (!tls.name.empty()) options.set_text("tls.name", tls.name);
  return options;
}

Result<transport::Options> source_options(const std::string& url, const Tls& tls) {
  TRY(const Address address, read_url(url));
  transport::Options options;
  options.set_text("listen", address.text);
  if (!address.tls) {
    if (!tls.certificate.empty())
      return fail(ErrorCode::invalid, "a certificate is given, but " + url + " is plain: write mllps://");
    return options;
  }
  if (tls.certificate.empty() || tls.key.empty()) return fail(ErrorCode::invalid, url + " needs a certificate and its key");
  if (tls.require_client && tls.ca.empty())
    return fail(ErrorCode::invalid, "client certificates are required, but no authority is given that may have signed them");
  options.set_text("tls.certificate", tls.certificate);
  options.set_secret("tls.key", tls.key);
  if (tls.require_client) options.set_text("tls.clients", tls.ca);
  return options;
}

}  // namespace smarthl7::app::peer

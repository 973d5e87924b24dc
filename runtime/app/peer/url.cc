// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/peer/url.h"

#include "runtime/env/stream.h"
#include "runtime/transport/https/https.h"
#include "runtime/transport/https/url.h"
#include "runtime/transport/mllp/mllp.h"

namespace smarthl7::app::peer {

namespace {

struct Address {
  bool http = false;
  bool tls = false;
  std::string at;    // host:port
  std::string path;  // of HTTP
};

Result<Address> read_url(const std::string& url) {
  Address address;
  if (url.starts_with("http://") || url.starts_with("https://")) {
    TRY(auto read, transport::https::parse_url(url));
    return Address{true, read.tls, read.endpoint.text(), std::move(read.target)};
  }
  if (url.starts_with("mllp://")) {
    address.at = url.substr(7);
  } else if (url.starts_with("mllps://")) {
    address.at = url.substr(8);
    address.tls = true;
  } else {
    return fail(ErrorCode::invalid,
                "`" + url + "` is not an address of the form mllp://HOST:PORT, mllps://HOST:PORT or https://HOST/PATH");
  }
  if (address.at.ends_with('/')) address.at.pop_back();
  TRY_VOID(env::Endpoint::parse(address.at));
  return address;
}

End end_of(const Address& address) {
  return {address.http ? transport::https::make_transport() : transport::mllp::make_transport(), {}};
}

std::string secure(const Address& address) { return address.http ? "https://" : "mllps://"; }

}  // namespace

Result<End> destination_end(const std::string& url, const Tls& tls) {
  TRY(const Address address, read_url(url));
  End end = end_of(address);
  transport::Options& options = end.options;
  options.set_text(address.http ? "post" : "connect", address.http ? url : address.at);
  const bool any = !tls.ca.empty() || !tls.certificate.empty() || !tls.name.empty();
  if (!address.tls && any)
    return fail(ErrorCode::invalid, "TLS files are given, but " + url + " is plain: write " + secure(address));
  if (!address.tls) {
    options.set_text("plain", "");
    return end;
  }
  options.set_text("tls", "");
  if (!tls.ca.empty()) options.set_text("tls.ca", tls.ca);
  if (!tls.certificate.empty()) options.set_text("tls.certificate", tls.certificate);
  if (!tls.key.empty()) options.set_secret("tls.key", tls.key);
  if (!tls.name.empty()) options.set_text("tls.name", tls.name);
  return end;
}

Result<End> source_end(const std::string& url, const Tls& tls) {
  TRY(const Address address, read_url(url));
  End end = end_of(address);
  transport::Options& options = end.options;
  options.set_text("listen", address.at);
  if (address.http) options.set_text("path", address.path);
  if (!address.tls) {
    if (!tls.certificate.empty())
      return fail(ErrorCode::invalid, "a certificate is given, but " + url + " is plain: write " + secure(address));
    options.set_text("plain", "");
    return end;
  }
  if (tls.certificate.empty() || tls.key.empty()) return fail(ErrorCode::invalid, url + " needs a certificate and its key");
  if (tls.require_client && tls.ca.empty())
    return fail(ErrorCode::invalid, "client certificates are required, but no authority is given that may have signed them");
  options.set_text("tls.certificate", tls.certificate);
  options.set_secret("tls.key", tls.key);
  if (tls.require_client) options.set_text("tls.clients", tls.ca);
  return end;
}

}  // namespace smarthl7::app::peer

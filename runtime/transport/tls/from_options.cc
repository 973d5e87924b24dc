// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/tls/from_options.h"

namespace smarthl7::transport::tls {

namespace {

Version least_version(const Options& options) {
  return options.get_text("tls.least", "tls12") == "tls13" ? Version::tls13 : Version::tls12;
}

ServerSettings server_settings(const Options& options) {
  return {.certificate_pem = std::string(options.get_text("tls.certificate")),
          .key_pem = options.get_secret("tls.key"),
          .clients_pem = std::string(options.get_text("tls.clients")),
          .crl_pem = std::string(options.get_text("tls.crl")),
          .pin = std::string(options.get_text("tls.pin")),
          .least = least_version(options)};
}

ClientSettings client_settings(const Options& options, const std::string& host) {
  return {.ca_pem = std::string(options.get_text("tls.ca")),
          .certificate_pem = std::string(options.get_text("tls.certificate")),
          .key_pem = options.get_secret("tls.key"),
          .server_name = std::string(options.get_text("tls.name", host)),
          .crl_pem = std::string(options.get_text("tls.crl")),
          .pin = std::string(options.get_text("tls.pin")),
          .least = least_version(options)};
}

class RenewServer final : public Renewable {
 public:
  explicit RenewServer(std::shared_ptr<const Context> context) : context_(std::move(context)) {}
  Result<void> renew(const Options& fresh) override { return renew_server_context(*context_, server_settings(fresh)); }

 private:
  std::shared_ptr<const Context> context_;
};

class RenewClient final : public Renewable {
 public:
  RenewClient(std::shared_ptr<const Context> context, std::string host)
      : context_(std::move(context)), host_(std::move(host)) {}
  Result<void> renew(const Options& fresh) override { return renew_client_context(*context_, client_settings(fresh, host_)); }

 private:
  std::shared_ptr<const Context> context_;
  std::string host_;
};

/// Told of renewals for as long as what is returned lives.
std::shared_ptr<Renewable> listen_for_renewals(const Options& options, std::shared_ptr<Renewable> renewable) {
  if (options.renewals() == nullptr) return nullptr;
  options.renewals()->add(renewable);
  return renewable;
}

}  // namespace

Result<Secured> serve_with(const Options& options) {
  Secured secured;
  TRY(secured.context, make_server_context(server_settings(options)));
  secured.renewal = listen_for_renewals(options, std::make_shared<RenewServer>(secured.context));
  return secured;
}

Result<Secured> connect_with(const Options& options, const std::string& host) {
  Secured secured;
  TRY(secured.context, make_client_context(client_settings(options, host)));
  secured.renewal = listen_for_renewals(options, std::make_shared<RenewClient>(secured.context, host));
  return secured;
}

}  // namespace smarthl7::transport::tls

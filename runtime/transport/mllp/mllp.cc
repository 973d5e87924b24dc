// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/mllp/mllp.h"

#include "runtime/transport/mllp/destination.h"
#include "runtime/transport/mllp/source.h"
#include "runtime/transport/renewals.h"

namespace smarthl7::transport::mllp {

namespace {

tls::Version least_version(const Options& options) {
  return options.get_text("tls.least", "tls12") == "tls13" ? tls::Version::tls13 : tls::Version::tls12;
}

Result<bool> is_release_2(const Options& options) {
  const std::uint64_t release = options.get_number("release", 1);
  if (release != 1 && release != 2) return fail(ErrorCode::invalid, "`release` of MLLP is 1 or 2");
  return release == 2;
}

tls::ServerSettings server_settings(const Options& options) {
  return {.certificate_pem = std::string(options.get_text("tls.certificate")),
          .key_pem = options.get_secret("tls.key"),
          .clients_pem = std::string(options.get_text("tls.clients")),
          .crl_pem = std::string(options.get_text("tls.crl")),
          .pin = std::string(options.get_text("tls.pin")),
          .least = least_version(options)};
}

tls::ClientSettings client_settings(const Options& options, const std::string& host) {
  return {.ca_pem = std::string(options.get_text("tls.ca")),
          .certificate_pem = std::string(options.get_text("tls.certificate")),
          .key_pem = options.get_secret("tls.key"),
          .server_name = std::string(options.get_text("tls.name", host)),
          .crl_pem = std::string(options.get_text("tls.crl")),
          .pin = std::string(options.get_text("tls.pin")),
          .least = least_version(options)};
}

/// Gives a context the files that were renewed.
class RenewServer final : public Renewable {
 public:
  explicit RenewServer(std::shared_ptr<const tls::Context> context) : context_(std::move(context)) {}
  Result<void> renew(const Options& fresh) override { return tls::renew_server_context(*context_, server_settings(fresh)); }

 private:
  std::shared_ptr<const tls::Context> context_;
};

class RenewClient final : public Renewable {
 public:
  RenewClient(std::shared_ptr<const tls::Context> context, std::string host)
      : context_(std::move(context)), host_(std::move(host)) {}
  Result<void> renew(const Options& fresh) override {
    return tls::renew_client_context(*context_, client_settings(fresh, host_));
  }

 private:
  std::shared_ptr<const tls::Context> context_;
  std::string host_;
};

/// Told of renewals for as long as what is returned lives.
std::shared_ptr<Renewable> listen_for_renewals(const Options& options, std::shared_ptr<Renewable> renewable) {
  if (options.renewals() == nullptr) return nullptr;
  options.renewals()->add(renewable);
  return renewable;
}

class MllpTransport final : public Transport {
 public:
  [[nodiscard]] std::string_view name() const override { return "mllp"; }

  Result<std::unique_ptr<Source>> make_source(const Options& options, EnvSet envs, Receiver* receiver) const override {
    SourceSettings settings;
    TRY(settings.listen, env::Endpoint::parse(options.get_text("listen")));
    settings.listen.via = options.get_text("via");
    if (options.has("allow")) {
      auto allow = Networks::parse(options.get_text("allow"));
      if (!allow) return fail(allow.error().code, "option `allow`", allow.error());
      settings.allow = std::move(*allow);
    }
    if (options.has_block("tls")) {
      TRY(settings.tls, tls::make_server_context(server_settings(options)));
      settings.renewal = listen_for_renewals(options, std::make_shared<RenewServer>(settings.tls));
    }
    settings.rules.largest = options.get_size("largest", settings.rules.largest);
    settings.rules.tolerant_end = options.get_text("frame_end", "tolerant") == "tolerant";
    settings.most_connections = options.get_number("most_connections", settings.most_connections);
    settings.frame_within = options.get_duration("frame", settings.frame_within);
    settings.idle_within = options.get_duration("idle", settings.idle_within);
    TRY(settings.release_2, is_release_2(options));
    settings.close_without_msh = options.get_text("no_msh", "answer") == "close";
    return std::make_unique<MllpSource>(std::move(settings), std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    DestinationSettings settings;
    TRY(settings.connect, env::Endpoint::parse(options.get_text("connect")));
    settings.connect.via = options.get_text("via");
    TRY(settings.release_2, is_release_2(options));
    settings.connect_within = options.get_duration("connect_time", settings.connect_within);
    settings.most_messages = options.get_number("most_messages", settings.most_messages);
    if (options.has_block("tls")) {
      const std::string& host = settings.connect.host;
      TRY(settings.tls, tls::make_client_context(client_settings(options, host)));
      settings.renewal = listen_for_renewals(options, std::make_shared<RenewClient>(settings.tls, host));
    }
    return std::make_unique<MllpDestination>(std::move(settings), env);
  }
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<MllpTransport>(); }

}  // namespace smarthl7::transport::mllp

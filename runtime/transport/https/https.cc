// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/https.h"

#include <algorithm>

#include "runtime/transport/https/content.h"
#include "runtime/transport/https/destination.h"
#include "runtime/transport/https/source.h"
#include "runtime/transport/renewals.h"

namespace smarthl7::transport::https {

namespace {

tls::Version least_version(const Options& options) {
  return options.get_text("tls.least", "tls12") == "tls13" ? tls::Version::tls13 : tls::Version::tls12;
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

/// Lines of `Name: value` in a text, as they go out. What the transport writes itself is not to be set twice.
Result<std::string> read_headers(std::string_view text) {
  constexpr std::string_view kOwn[] = {"host",       "content-length",  "content-type", "transfer-encoding",
                                       "connection", "idempotency-key", "expect",       "upgrade",
                                       "te",         "trailer"};
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    Head head;
    const std::string request = "GET / HTTP/1.0\r\n" + std::string(line) + "\r\n\r\n";
    const bool good = read_head(request, head).status == 0 && look_at(request, 0).status == 0 && head.fields.size() == 1;
    if (!good || head.fields.front().value.empty())
      return fail(ErrorCode::invalid, "`headers` holds a line that is no `Name: value`");
    if (std::ranges::find(kOwn, head.fields.front().name) != std::ranges::end(kOwn))
      return fail(ErrorCode::invalid, "`headers` sets `" + head.fields.front().name + "`, which the hub writes itself");
    lines.append(line).append("\r\n");
  }
  return lines;
}

class HttpsTransport final : public Transport {
 public:
  [[nodiscard]] std::string_view name() const override { return "https"; }

  Result<std::unique_ptr<Source>> make_source(const Options& options, EnvSet envs, Receiver* receiver) const override {
    SourceSettings settings;
    TRY(settings.listen, env::Endpoint::parse(options.get_text("listen")));
    settings.path = options.get_text("path", settings.path);
    if (!settings.path.starts_with('/')) return fail(ErrorCode::invalid, "`path` does not begin with /");
    if (options.has_block("tls")) {
      TRY(settings.tls, tls::make_server_context(server_settings(options)));
      settings.renewal = listen_for_renewals(options, std::make_shared<RenewServer>(settings.tls));
    }
    TRY(settings.auth, read_auth(options));
    settings.rules.largest_body = options.get_size("largest", settings.rules.largest_body);
    settings.rules.largest_head = options.get_size("largest_head", settings.rules.largest_head);
    settings.most_connections = options.get_number("most_connections", settings.most_connections);
    settings.request_within = options.get_duration("request", settings.request_within);
    settings.idle_within = options.get_duration("idle", settings.idle_within);
    settings.once_within =
        std::chrono::duration_cast<std::chrono::seconds>(options.get_duration("idempotency", settings.once_within));
    settings.charset = hl7::find_charset(options.get_text("charset", "UNICODE UTF-8")).value_or(hl7::Charset::utf8);
    return std::make_unique<HttpsSource>(std::move(settings), std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    DestinationSettings settings;
    TRY(settings.url, parse_url(options.get_text("post")));
    if (!settings.url.tls && !options.has("plain"))
      return fail(ErrorCode::invalid, "the address is http://, and the route file does not say `insecure because`");
    if (!settings.url.tls && options.has_block("tls"))
      return fail(ErrorCode::invalid, "the address is http://, and the route file sets up TLS");
    settings.connect_within = options.get_duration("connect_time", settings.connect_within);
    settings.most_messages = options.get_number("most_messages", settings.most_messages);
    const std::string_view content = options.get_text("content", "pipes");
    if (content == "xml") settings.content_type = "application/hl7-v2+xml";
    if (content == "json") settings.content_type = "application/hl7-v2+json";
    TRY(settings.headers, read_headers(options.get_text("headers")));
    TRY(settings.auth, read_auth(options));
    if (settings.url.tls) {
      const std::string& host = settings.url.endpoint.host;
      TRY(settings.tls, tls::make_client_context(client_settings(options, host)));
      settings.renewal = listen_for_renewals(options, std::make_shared<RenewClient>(settings.tls, host));
    }
    return std::make_unique<HttpsDestination>(std::move(settings), env);
  }
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<HttpsTransport>(); }

}  // namespace smarthl7::transport::https

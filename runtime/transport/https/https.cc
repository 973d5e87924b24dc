// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/https.h"

#include <algorithm>

#include "runtime/transport/https/content.h"
#include "runtime/transport/https/destination.h"
#include "runtime/transport/https/source.h"
#include "runtime/transport/tls/from_options.h"

namespace smarthl7::transport::https {

namespace {

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
    TRY(settings.server, read_server_settings(options));
    HttpsSettings& https = settings.https;
    https.path = options.get_text("path", https.path);
    if (!https.path.starts_with('/')) return fail(ErrorCode::invalid, "`path` does not begin with /");
    TRY(https.auth, read_auth(options));
    TRY(https.tokens, read_token_gate(options));
    https.rules.largest_body = options.get_size("largest", https.rules.largest_body);
    https.rules.largest_head = options.get_size("largest_head", https.rules.largest_head);
    https.request_within = options.get_duration("request", https.request_within);
    https.idle_within = options.get_duration("idle", https.idle_within);
    https.once_within =
        std::chrono::duration_cast<std::chrono::seconds>(options.get_duration("idempotency", https.once_within));
    https.charset = hl7::find_charset(options.get_text("charset", "UNICODE UTF-8")).value_or(hl7::Charset::utf8);
    return std::make_unique<HttpsSource>(std::move(settings), std::move(envs), receiver);
  }

  Result<std::unique_ptr<Destination>> make_destination(const Options& options, env::Env env) const override {
    DestinationSettings settings;
    TRY(settings.url, parse_url(options.get_text("post")));
    settings.url.endpoint.via = options.get_text("via");
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
    TRY(settings.proxy, read_proxy_options(options));
    TRY(settings.tokens, clients_.keeper_for(options));
    if (settings.url.tls) {
      TRY(tls::Secured secured, tls::connect_with(options, settings.url.endpoint.host));
      settings.tls = std::move(secured.context);
      settings.renewal = std::move(secured.renewal);
    }
    return std::make_unique<HttpsDestination>(std::move(settings), env);
  }

 private:
  mutable Clients clients_;
};

}  // namespace

std::unique_ptr<Transport> make_transport() { return std::make_unique<HttpsTransport>(); }

}  // namespace smarthl7::transport::https

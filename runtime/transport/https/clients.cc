// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/clients.h"

#include "runtime/transport/https/web.h"
#include "stdlib/base/digest.h"

namespace smarthl7::transport::https {

namespace {

Result<std::unique_ptr<oauth::Fetcher>> fetcher_for(const Options& options, const std::string& name) {
  auto url = parse_url(options.get_text(name));
  if (!url) return fail(ErrorCode::invalid, "option `" + name + "`", url.error());
  if (!url->tls) return fail(ErrorCode::invalid, "option `" + name + "`: tokens and keys are fetched over https:// only");
  url->endpoint.via = options.get_text("via");
  tls::ClientSettings settings;
  settings.ca_pem = options.get_text("auth.oauth.ca");
  settings.server_name = url->endpoint.host;
  auto context = tls::make_client_context(settings);
  if (!context) return fail(ErrorCode::invalid, "option `auth.oauth.ca`", context.error());
  TRY(auto proxy, read_proxy_options(options));
  return std::make_unique<WebFetcher>(std::move(*url), std::move(*context), std::move(proxy));
}

}  // namespace

Result<std::optional<Proxy>> read_proxy_options(const Options& options) {
  std::optional<Proxy> none;
  if (!options.has_block("proxy")) return none;
  auto proxy = read_proxy(options.get_text("proxy.url"));
  if (!proxy) return fail(ErrorCode::invalid, "option `proxy`", proxy.error());
  proxy->user = options.get_text("proxy.user");
  proxy->password = options.get_secret("proxy.password");
  if (proxy->user.find_first_of(":\r\n") != std::string::npos)
    return fail(ErrorCode::invalid, "option `proxy.user`: a name holds no colon");
  return std::optional<Proxy>(std::move(*proxy));
}

Result<TokenGate> read_token_gate(const Options& options) {
  TokenGate gate;
  if (!options.has("auth.oauth")) return gate;
  gate.rules.issuer = options.get_text("auth.oauth.issuer");
  gate.rules.audience = options.get_text("auth.oauth.audience");
  gate.rules.scopes = oauth::split_scopes(options.get_text("auth.oauth.scope"));
  gate.rules.leeway =
      std::chrono::duration_cast<std::chrono::seconds>(options.get_duration("auth.oauth.leeway", gate.rules.leeway));
  if (gate.rules.issuer.empty() || gate.rules.audience.empty())  // it would let tokens in that are for others
    return fail(ErrorCode::invalid, "`issuer` or `audience` of `auth oauth` is empty");
  if (options.has("auth.oauth.jwks")) {
    auto keys = oauth::KeySet::read(options.get_text("auth.oauth.jwks"));
    if (!keys) return fail(ErrorCode::invalid, "option `auth.oauth.jwks`", keys.error());
    gate.keys = std::make_shared<oauth::KeyKeeper>(std::move(*keys));
    return gate;
  }
  TRY(auto fetcher, fetcher_for(options, "auth.oauth.jwks_url"));
  gate.keys = std::make_shared<oauth::KeyKeeper>(std::move(fetcher), oauth::KeyKeeper::Pace{});
  return gate;
}

Result<std::shared_ptr<oauth::TokenKeeper>> Clients::keeper_for(const Options& options) {
  std::shared_ptr<oauth::TokenKeeper> keeper;
  if (!options.has("auth.oauth")) return keeper;
  oauth::ClientSettings settings;
  settings.client = options.get_text("auth.oauth.client");
  settings.secret = options.get_secret("auth.oauth.secret");
  settings.scope = options.get_text("auth.oauth.scope");
  settings.audience = options.get_text("auth.oauth.audience");
  settings.in_body = options.get_text("auth.oauth.authentication") == "client_secret_post";
  if (settings.client.empty() || settings.secret.empty())
    return fail(ErrorCode::invalid, "client or secret of `auth oauth` is empty");
  std::string all;
  for (const std::string_view name : {"auth.oauth.token_url", "auth.oauth.client", "auth.oauth.scope", "auth.oauth.audience",
                                      "auth.oauth.authentication", "auth.oauth.ca", "via", "proxy.url", "proxy.user"})
    all += to_hex(sha256(options.get_text(name)));
  const Secret to_proxy = options.get_secret("proxy.password");
  all += to_hex(sha256(to_proxy.reveal()));
  const std::string key = to_hex(hmac_sha256(settings.secret.reveal(), all));
  const std::lock_guard lock(mutex_);
  std::erase_if(keepers_, [](const auto& one) { return one.second.expired(); });
  keeper = keepers_[key].lock();
  if (keeper != nullptr) return keeper;
  TRY(auto fetcher, fetcher_for(options, "auth.oauth.token_url"));
  keeper = std::make_shared<oauth::TokenKeeper>(std::move(settings), std::move(fetcher));
  keepers_[key] = keeper;
  return keeper;
}

}  // namespace smarthl7::transport::https

// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/oauth.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/http_options.h"

namespace smarthl7::check {

using connectors::Role;
using diag::Code;

namespace {

constexpr std::string_view kPrefix = "auth.oauth";
constexpr std::string_view kOfSources[] = {"issuer", "jwks", "jwks_url", "leeway"};
constexpr std::string_view kOfDestinations[] = {"token_url", "client", "secret", "authentication"};

/// Tokens and the keys that they are checked with are worth nothing if somebody on the way can change them.
bool check_url(Context& context, const OptionReader& reader, std::string_view name) {
  const UrlTls tls = tls_of_url(context, reader, name);
  if (tls == UrlTls::unused)
    context.sink.report(Code::E0702, reader.find(name)->values.front()->span, fmt::format("`{}` is without TLS: http://", name),
                        "tokens, and the keys that they are checked with, are fetched over https:// only");
  return tls == UrlTls::none || tls == UrlTls::used;
}

void read_client(Context& context, OauthInfo& client) {
  const syntax::OauthDecl& declaration = *client.declaration;
  OptionReader reader(context, "oauth client", connectors::declaration_options("oauth"), *declaration.name);
  reader.read(*declaration.options);
  client.options = reader.own_options({});
  const bool token_url = check_url(context, reader, "token_url");
  const bool urls = check_url(context, reader, "jwks_url") && token_url;  // both are looked at
  const syntax::Option* file = reader.find("jwks");
  const syntax::Option* url = reader.find("jwks_url");
  if (file != nullptr && url != nullptr)
    context.sink.report({.code = Code::E0715,
                         .span = url->name->span,
                         .message = "`jwks` and `jwks_url` both say where the keys are",
                         .secondary = {{file->name->span, "the other one"}},
                         .help = "take one of them out"});
  client.broken = reader.broken() || !urls;
}

const OptionInfo* find(const OauthInfo& client, std::string_view name) {
  const auto at = std::ranges::find(client.options, name, &OptionInfo::name);
  return at == client.options.end() ? nullptr : &*at;
}

bool needs(Context& context, const OauthInfo& client, const syntax::Expr& use, std::string_view name, std::string_view role,
           std::string_view help) {
  if (find(client, name) != nullptr) return true;
  context.sink.report(
      {.code = Code::E0703,
       .span = use.span,
       .message = fmt::format("`{}` does not say `{}`, which a {} needs", client.declaration->name->text, name, role),
       .secondary = {{client.declaration->name->span, "declared here"}},
       .help = std::string(help)});
  return false;
}

bool serves(Context& context, const OauthInfo& client, const syntax::Expr& use, Role role) {
  const auto need = [&](std::string_view name, std::string_view help) {
    return needs(context, client, use, name, role == Role::source ? "source" : "destination", help);
  };
  if (role == Role::destination) {
    const bool where = need("token_url", "add where tokens come from: `token_url \"https://login.region.example/token\"`");
    const bool who = need("client", "add the name of the hub there: `client \"hub\"`");
    const bool shown = need("secret", "add the secret of that client: `secret NAME`");
    return where && who && shown;
  }
  const bool issuer = need("issuer", "add who must have issued a token: `issuer \"https://login.region.example\"`");
  const bool audience =
      need("audience", "add for whom a token must be: `audience \"NAME\"`; else tokens for others would be good here");
  const bool keys = find(client, "jwks_url") != nullptr ||
                    need("jwks", "add the issuer's keys: `jwks file \"keys.json\"` or `jwks_url \"https://...\"`");
  return issuer && audience && keys;
}

void check_unlooked(Context& context, const OauthInfo& client, std::span<const std::string_view> names, std::string_view role) {
  for (const syntax::Option* option : client.declaration->options->options) {
    if (option->name == nullptr || std::ranges::find(names, option->name->text) == names.end()) continue;
    context.sink.report(
        Code::E0715, option->name->span,
        fmt::format("`{}` is for a {}, and no {} uses `{}`", option->name->text, role, role, client.declaration->name->text),
        "take it out");
  }
}

}  // namespace

void read_oauth_clients(Context& context) {
  for (const auto* declaration : context.project.all<syntax::OauthDecl>()) {
    OauthInfo client;
    client.declaration = declaration;
    client.broken = declaration->poisoned || declaration->options == nullptr;
    if (!client.broken) read_client(context, client);
    context.oauth_clients.emplace(declaration->name->text, std::move(client));
  }
}

bool add_oauth_options(Context& context, const OptionReader& reader, Role role, std::vector<OptionInfo>& options) {
  const syntax::Option* use = reader.find(kPrefix);
  if (use == nullptr) return true;
  const auto* word = use->values.size() == 1 ? use->values.front()->try_as<syntax::NameExpr>() : nullptr;
  const auto at = word == nullptr ? context.oauth_clients.end() : context.oauth_clients.find(word->text);
  if (at == context.oauth_clients.end()) return false;
  OauthInfo& client = at->second;
  (role == Role::source ? client.by_source : client.by_destination) = true;
  if (client.broken || !serves(context, client, *word, role)) return false;
  for (OptionInfo option : client.options) {
    option.name = fmt::format("{}.{}", kPrefix, option.name);
    options.push_back(std::move(option));
  }
  std::ranges::sort(options, {}, &OptionInfo::name);
  return true;
}

void check_oauth_uses(Context& context) {
  for (const auto& [name, client] : context.oauth_clients) {
    if (client.broken || client.by_source == client.by_destination) continue;  // nobody: said as W0201
    if (client.by_source)
      check_unlooked(context, client, kOfDestinations, "destination");
    else
      check_unlooked(context, client, kOfSources, "source");
  }
}

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/http_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/check/options.h"
#include "compiler/check/values.h"

namespace smarthl7::check {

using diag::Code;

namespace {

bool is_token(char c) {
  const bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return word || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_field_name(std::string_view name) { return !name.empty() && std::ranges::all_of(name, is_token); }

/// Fields that the hub writes or reads itself.
bool is_own_field(std::string_view name) {
  constexpr std::string_view kOwn[] = {"host",       "content-length",  "content-type", "transfer-encoding",
                                       "connection", "idempotency-key", "expect",       "upgrade",
                                       "te",         "trailer"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(kOwn, lower) != std::ranges::end(kOwn);
}

/// The names of the environments, and the empty one for the defaults.
std::vector<std::string_view> environments_of(const Context& context) {
  if (!context.environment.empty()) return {context.environment};
  std::vector<std::string_view> environments = {""};
  for (const auto* environment : context.project.all<syntax::EnvironmentDecl>())
    environments.push_back(environment->name->text);
  return environments;
}

const syntax::Expr* value_of(const OptionReader& reader, std::string_view path) {
  const syntax::Option* option = reader.find(path);
  if (option == nullptr || option->poisoned || option->values.size() != 1) return nullptr;
  return option->values.front();
}

/// In every environment where the text is known.
template <class Good>
bool always(const Context& context, const syntax::Expr& value, Good good) {
  return std::ranges::all_of(environments_of(context), [&](std::string_view environment) {
    const auto text = text_with(value, setting_values(context, environment));
    return !text || good(*text);
  });
}

void belongs(Context& context, const OptionReader& reader, std::string_view path, std::string_view to, std::string_view what) {
  const syntax::Option* option = reader.find(path);
  if (option != nullptr)
    context.sink.report(Code::E0715, option->span, fmt::format("`{}` belongs to {}", option->name->text, to),
                        std::string(what));
}

void apart(Context& context, const OptionReader& reader, std::string_view first, std::string_view second,
           std::string_view why) {
  const syntax::Option* one = reader.find(first);
  const syntax::Option* other = reader.find(second);
  if (one == nullptr || other == nullptr) return;
  context.sink.report({.code = Code::E0715,
                       .span = other->name->span,
                       .message = fmt::format("`{}` and `{}` both stand in {}", one->name->text, other->name->text, why),
                       .secondary = {{one->name->span, "the other one"}},
                       .help = "take one of them out"});
}

void check_auth(Context& context, const OptionReader& reader) {
  const auto has = [&reader](std::string_view path) { return reader.find(path) != nullptr; };
  const syntax::Option* auth = reader.find("auth");
  if (auth == nullptr) return;
  if (!has("auth.oauth") && !has("auth.bearer") && !has("auth.key") && !has("auth.password") && !has("auth.hmac") &&
      !reader.broken())
    context.sink.report(
        Code::E0703, auth->name->span, "`auth` does not say what is shown",
        "add `oauth NAME`, `bearer secret NAME`, `key secret NAME`, `hmac secret NAME`, or `user` and `password`");
  apart(context, reader, "auth.bearer", "auth.password", "the field Authorization");
  apart(context, reader, "auth.oauth", "auth.bearer", "the field Authorization");
  apart(context, reader, "auth.oauth", "auth.password", "the field Authorization");
  apart(context, reader, "auth.key", "auth.hmac", "the field that `header` names");
  if (!has("auth.key") && !has("auth.hmac"))
    belongs(context, reader, "auth.header", "`key` or `hmac`", "take it out, or add one");
  if (!has("auth.hmac")) belongs(context, reader, "auth.timestamp", "`hmac`", "only a signature can cover a time");
  if (!has("auth.timestamp"))
    belongs(context, reader, "auth.within", "`timestamp`", "without a time there is nothing to compare");
  if (!has("auth.password")) belongs(context, reader, "auth.user", "`password`", "add `password secret NAME`");
  if (!has("auth.user")) belongs(context, reader, "auth.password", "`user`", "add `user \"NAME\"`");
  for (const std::string_view path : {"auth.header", "auth.timestamp"}) {
    const syntax::Expr* value = value_of(reader, path);
    const auto good = [](std::string_view name) { return is_field_name(name) && !is_own_field(name); };
    if (value != nullptr && !always(context, *value, good))
      context.sink.report(Code::E0702, value->span,
                          fmt::format("`{}` is no header field of your own", context.text(value->span)),
                          "a name like \"X-Signature\": letters, digits and -");
  }
}

void check_path(Context& context, const OptionReader& reader) {
  const syntax::Expr* value = value_of(reader, "path");
  const auto good = [](std::string_view path) {
    return path.starts_with('/') &&
           std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
  };
  if (value != nullptr && !always(context, *value, good))
    context.sink.report(Code::E0702, value->span, "`path` begins with / and is a path alone, without query",
                        "write it as in `path \"/hl7\"`");
}

bool are_fields(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_field_name(line.substr(0, colon)) || is_own_field(line.substr(0, colon)))
      return false;
    const std::string_view value = line.substr(colon + 1);
    const bool text = std::ranges::all_of(value, [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0; });
    if (!text || value.find_first_not_of(" \t") == std::string_view::npos) return false;
  }
  return true;
}

void check_headers(Context& context, const OptionReader& reader) {
  const syntax::Expr* value = value_of(reader, "headers");
  if (value != nullptr && !always(context, *value, are_fields))
    context.sink.report(Code::E0702, value->span,
                        "`headers` holds a line that is no `Name: value`, or a field that the hub writes itself",
                        "write it as in `headers \"X-Site: north\"`, with three quotes for several lines");
}

bool is_proxy(std::string_view url) {
  const bool http = url.starts_with("http://");
  if (!http && !url.starts_with("socks5://")) return false;
  url.remove_prefix(http ? 7 : 9);
  if (url.ends_with('/')) url.remove_suffix(1);
  return url.find_first_of("/?#@") == std::string_view::npos && is_address(std::string(url));
}

void check_proxy(Context& context, const OptionReader& reader) {
  const syntax::Expr* value = value_of(reader, "proxy.url");
  if (value != nullptr && !always(context, *value, is_proxy))
    context.sink.report(Code::E0702, value->span, "a proxy is http:// or socks5:// with host and port, and nothing else",
                        "write it as in `proxy { url \"http://proxy.example:3128\" }`; name and password stand beside it");
  const bool user = reader.find("proxy.user") != nullptr;
  const bool password = reader.find("proxy.password") != nullptr;
  if (!password) belongs(context, reader, "proxy.user", "`password`", "add `password secret NAME`");
  if (!user) belongs(context, reader, "proxy.password", "`user`", "add `user \"NAME\"`");
}

}  // namespace

std::optional<HttpAddress> http_address(std::string_view url) {
  HttpAddress found;
  if (url.starts_with("http://"))
    found.tls = false;
  else if (!url.starts_with("https://"))
    return std::nullopt;
  url.remove_prefix(found.tls ? 8 : 7);
  const bool visible =
      std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '#'; });
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  const std::string_view authority = url.substr(0, end);
  if (!visible || authority.empty() || authority.find('@') != std::string_view::npos) return std::nullopt;
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  found.address = authority;
  if (!has_port) found.address += found.tls ? ":443" : ":80";
  found.target = url.substr(end);
  if (!is_address(found.address)) return std::nullopt;
  return found;
}

void check_http_options(Context& context, OptionReader& reader) {
  check_auth(context, reader);
  check_path(context, reader);
  check_headers(context, reader);
  check_proxy(context, reader);
}

UrlTls tls_of_url(Context& context, const OptionReader& reader, std::string_view option) {
  const syntax::Expr* value = value_of(reader, option);
  if (value == nullptr) return reader.find(option) == nullptr ? UrlTls::none : UrlTls::poisoned;
  UrlTls result = UrlTls::used;
  for (const std::string_view environment : environments_of(context)) {
    auto text = text_with(*value, setting_values(context, environment));
    const auto* parts = value->try_as<syntax::StringExpr>();
    const bool known = text.has_value();
    // A setting that gets its value at the start may be behind the scheme, and not before it.
    if (!text && parts != nullptr && !parts->parts.empty() && parts->parts.front().value == nullptr)
      text = std::string(parts->parts.front().text);
    const bool with = text && text->starts_with("https://");
    const bool without = text && text->starts_with("http://");
    if ((!with && !without) || (known && !http_address(*text))) {
      context.sink.report(
          Code::E0702, value->span,
          fmt::format("`{}` takes an address that begins with https:// or http://, with a host and without name "
                      "and password",
                      option),
          "write it as in `post \"https://st-john.example/hl7\"`; only what follows may be a setting without a value");
      return UrlTls::poisoned;
    }
    if (without) result = UrlTls::unused;
  }
  return result;
}

}  // namespace smarthl7::check

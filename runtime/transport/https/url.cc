// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/https/url.h"

#include <algorithm>

namespace smarthl7::transport::https {

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    url.tls = false;
  } else {
    return fail(ErrorCode::invalid, "the address does not begin with https:// or http://");
  }
  const bool visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
  if (!visible) return fail(ErrorCode::invalid, "the address holds characters that a URL writes as %XX");
  if (text.find('#') != std::string_view::npos) return fail(ErrorCode::invalid, "the address has a fragment (#)");
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  const std::string_view authority = text.substr(0, end);
  if (authority.empty()) return fail(ErrorCode::invalid, "the address has no host");
  if (authority.find('@') != std::string_view::npos)
    return fail(ErrorCode::invalid, "the address holds a name or password; give them in `auth`");
  url.authority = authority;
  url.target = text.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  const std::string place(authority);
  TRY(url.endpoint, env::Endpoint::parse(has_port ? place : place + (url.tls ? ":443" : ":80")));
  return url;
}

}  // namespace smarthl7::transport::https

// SPDX-License-Identifier: Apache-2.0
// What the options of a connector over HTTP must be among themselves: which ways of showing who one is go together, whether the
// address uses TLS in every environment, path and header fields. Internal to the check of connections; reports to the sink; one
// thread.
#pragma once

#include "compiler/check/option_block.h"

namespace smarthl7::check {

/// The parts of "https://host:443/path?query" that decide who meets whom; nullopt: no such address.
struct HttpAddress {
  bool tls = true;
  std::string address;  // host and port
  std::string target;   // path and query
};
[[nodiscard]] std::optional<HttpAddress> http_address(std::string_view url);

/// Of a source or destination whose spec has `auth`.
void check_http_options(Context& context, OptionReader& reader);

enum class UrlTls : std::uint8_t { none, used, unused, poisoned };
/// What the option of that name says of TLS: `unused` if that is so in one environment at least. Reports an address that says
/// nothing of it; `none` if there is no such option.
[[nodiscard]] UrlTls tls_of_url(Context& context, const OptionReader& reader, std::string_view option);

}  // namespace smarthl7::check

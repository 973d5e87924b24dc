// SPDX-License-Identifier: Apache-2.0
#include "runtime/api/guard.h"

#include "runtime/api/answers.h"

namespace smarthl7::api {

bool same_secret(std::string_view given, std::string_view due) {
  volatile unsigned char differs = given.size() == due.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size() && !due.empty(); ++i)
    differs = static_cast<unsigned char>(differs | (given[i] ^ due[i % due.size()]));
  return differs == 0 && !due.empty();
}

bool Guard::is_own(std::string_view authority) const {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.substr(colon + 1) != std::to_string(port_)) return false;
  const std::string_view host = authority.substr(0, colon);
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

std::optional<Response> Guard::refuse(const Request& head) {
  if (!is_own(head.host)) return complain(403, "`Host` must be this machine's loopback address, as 127.0.0.1 and the port");
  if (!head.origin.empty()) {
    constexpr std::string_view kScheme = "http://";
    const std::string_view origin = head.origin;
    if (!origin.starts_with(kScheme) || !is_own(origin.substr(kScheme.size())))
      return complain(403, "a page of another origin asks; only this machine's own may");
  }
  if (head.path == "/healthz" || head.path == "/readyz") return std::nullopt;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view shown = head.authorization;
  if (!shown.starts_with(kBearer) || !same_secret(shown.substr(kBearer.size()), token_.reveal()))
    return complain(401, "show the token of the data folder: `Authorization: Bearer TOKEN`, from the file admin.token");
  return std::nullopt;
}

env::Task<Response> Guard::handle(Request request) {
  request.actor = "token from " + request.actor;
  Response response = co_await behind_->handle(std::move(request));
  co_return response;
}

}  // namespace smarthl7::api

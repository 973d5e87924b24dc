// SPDX-License-Identifier: Apache-2.0
// Who may use the admin interface over loopback HTTP, where every user and every web page of this machine can connect: whoever
// shows the token. What a browser sends on behalf of another site is refused before that, by Host and Origin, so that a name
// which is made to point here (DNS rebinding) opens nothing. Of /healthz and /readyz no token is asked: they say one word.
// Ownership: borrows the handler behind it. Threads: one executor. Failure: 401 or 403 with {"error": text}, before the body of
// the request is read. Source: RFC 6750 (bearer tokens), RFC 9110 7.2 (Host), RFC 6454 7 (Origin).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/api/http.h"
#include "stdlib/base/protect.h"

namespace smarthl7::api {

class Guard final : public Handler {
 public:
  Guard(Handler* behind, Secret token) : behind_(behind), token_(std::move(token)) {}

  /// The port that was listened on; Host must name it.
  void listens_on(std::uint16_t port) { port_ = port; }
  [[nodiscard]] std::optional<Response> refuse(const Request& head) override;
  env::Task<Response> handle(Request request) override;

 private:
  [[nodiscard]] bool is_own(std::string_view authority) const;

  Handler* behind_;
  Secret token_;
  std::uint16_t port_ = 0;
};

/// Takes as long for a token that differs at its first byte as for one that differs at its last.
[[nodiscard]] bool same_secret(std::string_view given, std::string_view due);

}  // namespace smarthl7::api

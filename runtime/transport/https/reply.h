// SPDX-License-Identifier: Apache-2.0
// A response as it goes out: head and body. One that refuses a request has no body, since who posts HL7 reads every body as an
// acknowledgement; why it was refused stands in the field Reason. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "stdlib/base/time.h"

namespace smarthl7::transport::https {

struct Response {
  unsigned status = 200;
  std::string_view content_type{};  // empty: there is no body
  std::string_view reason{};        // a text of ours that holds nothing of the request
  std::string_view extra{};         // further header lines, each with its CRLF
  std::size_t length = 0;           // of the body, which is written behind this
  bool keep_alive = true;
};

[[nodiscard]] std::string head_of(const Response& response, WallTime now);
/// "Mon, 23 Nov 2026 21:55:00 GMT" (RFC 9110 section 5.6.7).
[[nodiscard]] std::string http_date(WallTime time);
[[nodiscard]] std::string_view phrase_of(unsigned status);

}  // namespace smarthl7::transport::https

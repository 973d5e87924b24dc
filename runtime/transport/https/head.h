// SPDX-License-Identifier: Apache-2.0
// The head of a request, read strictly: what two readers could understand in two ways (and so cut the stream at two places,
// which is request smuggling, RFC 9112 section 11.2) is refused here, before any parser that is kinder sees it: bare CR or LF,
// folded lines, blanks before a colon, two lengths, a length beside a coding, codings but `chunked`, no or several hosts. Pure;
// any thread. Failure: a status and a text that holds nothing of the request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smarthl7::transport::https {

/// Why a request is not taken: a status of RFC 9110 and a few words.
struct Refusal {
  unsigned status = 0;  // 0: it is not refused
  std::string_view text{};
};

struct Field {
  std::string name;  // in lower case
  std::string value;
};

struct Head {
  std::string method;
  std::string path;  // of the target: without scheme, authority and query
  bool version_11 = true;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  std::optional<std::uint64_t> length;  // Content-Length
  std::vector<Field> fields;

  /// Of the first field of that name (in lower case); empty without one.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// `text` is the head with the empty line that ends it.
[[nodiscard]] Refusal read_head(std::string_view text, Head& head);
/// Looks at what has come of a head, from `from` on: a byte that no head can hold there ends the reading at once.
[[nodiscard]] Refusal look_at(std::string_view text, std::size_t from);

[[nodiscard]] bool same_word(std::string_view a, std::string_view b);  // whatever the case of ASCII letters
[[nodiscard]] std::string_view trim(std::string_view text);            // blanks and tabs

}  // namespace smarthl7::transport::https

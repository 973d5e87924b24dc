// SPDX-License-Identifier: Apache-2.0
// A message wrapped as text in a JSON or XML document: a string member at a JSON pointer (RFC 6901), the text or CDATA of an
// element, either of them base64. unwrap() checks the whole document but builds nothing of it; a text that stands there as it
// is comes back as a view, else it is decoded once. Text of a document is Unicode: so is what comes out, unless it was base64.
// Pure functions; any thread. Errors name line and column and hold no values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::hl7 {

struct Envelope {
  enum class Kind : std::uint8_t { json, xml };
  Kind kind = Kind::json;
  /// JSON: members and array indices from the root. XML: local names from the root; a single one is an element anywhere.
  std::vector<std::string> path = {};
  bool base64 = false;
  bool cdata = false;  // when wrapping in XML; read as LF by others, since XML does not keep CR there
};

/// "json:/data/hl7", "xml:hl7Message", "xml:Envelope/Body/message".
[[nodiscard]] Result<Envelope> parse_envelope(std::string_view text);

inline constexpr std::size_t kLargestEnvelope = std::size_t{256} << 20U;

/// The message that stands there, exactly once. A view of the document or of `buffer`.
[[nodiscard]] Result<std::string_view> unwrap(std::string_view document, const Envelope& envelope, std::string& buffer,
                                              std::size_t largest = kLargestEnvelope);

/// Appends a document with nothing but the message at its place. Without base64 the text must be UTF-8, and in XML hold no
/// character that XML does not have; after an Error `out` is as it was.
[[nodiscard]] Result<void> wrap(std::string_view message, const Envelope& envelope, std::string& out);

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// File URIs (RFC 3986, RFC 8089) and paths. Another scheme (`untitled:x`) is its own path. Pure; any thread; nothing fails.
#pragma once

#include <string>
#include <string_view>

namespace smarthl7::lsp {

[[nodiscard]] std::string path_of_uri(std::string_view uri);
[[nodiscard]] std::string uri_of_path(std::string_view path);
[[nodiscard]] std::string folder_of(std::string_view path);

}  // namespace smarthl7::lsp

// SPDX-License-Identifier: Apache-2.0
// In which form a body holds its message, by its Content-Type: pipes, XML or JSON (stdlib/hl7/encoding.h). What the hub stores
// and works on are pipes; the answer goes back in the form of the request. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stdlib/hl7/encoding.h"

namespace smarthl7::transport::https {

/// nullopt: a form that is not taken. No Content-Type at all is taken for pipes.
[[nodiscard]] std::optional<hl7::Encoding> form_of(std::string_view content_type);
/// The form of an answer whose type is not looked at closely: XML or JSON if the type says so, else pipes.
[[nodiscard]] hl7::Encoding form_of_answer(std::string_view content_type);
/// What an answer is called that goes back to a request of that type: its media type, without parameters.
[[nodiscard]] std::string media_type(std::string_view content_type);
/// Begins with a header segment (MSH, FHS, BHS), after a byte order mark and line ends that are tolerated before it.
[[nodiscard]] bool has_header(std::string_view message);

}  // namespace smarthl7::transport::https

// SPDX-License-Identifier: Apache-2.0
// Panels as one SVG 1.1 document, readable on paper and on a screen: the level of patient data is shown by the kind of line as
// well as its colour, everything has its whole text as a tip, and it holds no script and no reference to other files.
// Pure function; any thread.
#pragma once

#include <span>
#include <string>

#include "compiler/docs/picture.h"

namespace smarthl7::docs {

[[nodiscard]] std::string svg(std::span<const Panel> panels);
/// Text for XML and HTML, outside of tags and inside of quoted attributes.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace smarthl7::docs

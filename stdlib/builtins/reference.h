// SPDX-License-Identifier: Apache-2.0
// The reference of the functions, made from their specifications: a page for each group and an index, in Markdown. docs/stdlib
// holds these very pages; a test compares them (SMARTHL7_UPDATE_GOLDEN=1 writes them). Pure; any thread; no failure.
#pragma once

#include <string>
#include <vector>

namespace smarthl7::builtins {

struct Page {
  std::string file;  // "dates.md"
  std::string text;
};

[[nodiscard]] std::vector<Page> reference_pages();

}  // namespace smarthl7::builtins

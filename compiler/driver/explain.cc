// SPDX-License-Identifier: Apache-2.0
// The pages of docs/errors, as texts of the executable.
#include <algorithm>

#include "compiler/driver/driver.h"

namespace smarthl7::driver {
namespace {

struct Page {
  std::string_view code;
  std::string_view text;
};
constexpr Page kPages[] = {
#include "compiler/driver/pages.inc"
};

}  // namespace

std::optional<std::string_view> explain(std::string_view code) {
  const auto at = std::find_if(std::begin(kPages), std::end(kPages), [code](const Page& page) { return page.code == code; });
  if (at == std::end(kPages)) return std::nullopt;
  return at->text;
}

}  // namespace smarthl7::driver

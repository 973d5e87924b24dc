// SPDX-License-Identifier: Apache-2.0
#include "compiler/diag/registry.h"

#include <cstddef>

#include "stdlib/base/assert.h"

namespace smarthl7::diag {
namespace {

constexpr CodeInfo kCodes[] = {
#define SMARTHL7_CODE_INFO(code, severity, title) {Code::code, #code, Severity::severity, title},
    SMARTHL7_CODES(SMARTHL7_CODE_INFO)
#undef SMARTHL7_CODE_INFO
};

}  // namespace

std::span<const CodeInfo> all_codes() { return kCodes; }

const CodeInfo& info(Code code) {
  const auto index = static_cast<std::size_t>(code);
  SMARTHL7_ASSERT(index < std::size(kCodes), "a diagnostic code stands in the list");
  return kCodes[index];
}

std::string_view name_of(Code code) { return info(code).name; }

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
  }
  return "?";
}

std::optional<Code> code_named(std::string_view name) {
  for (const CodeInfo& entry : kCodes) {
    if (entry.name == name) return entry.code;
  }
  return std::nullopt;
}

}  // namespace smarthl7::diag

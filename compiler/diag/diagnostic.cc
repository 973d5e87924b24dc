// SPDX-License-Identifier: Apache-2.0
#include "compiler/diag/diagnostic.h"

#include <algorithm>
#include <utility>

#include "stdlib/base/assert.h"

namespace smarthl7::diag {

Fix replace(Span span, std::string replacement, std::string title) {
  if (title.empty()) title = "write " + replacement;
  return {std::move(title), {Edit{span, std::move(replacement)}}};
}

bool Sink::report(Diagnostic diagnostic) {
  SMARTHL7_ASSERT(diagnostic.secondary.size() <= 2, "a diagnostic has at most two secondary labels");
  const Span at = diagnostic.span;
  if (diagnostic.severity() == Severity::error) {
    if (!error_places_.emplace(at.file, at.begin).second) return false;
    ++errors_;
  } else if (!warning_places_.emplace(at.file, at.begin, diagnostic.code).second) {
    return false;
  }
  diagnostics_.push_back(std::move(diagnostic));
  return true;
}

bool Sink::report(Code code, Span span, std::string message, std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.span = span;
  diagnostic.message = std::move(message);
  diagnostic.help = std::move(help);
  return report(std::move(diagnostic));
}

std::vector<Diagnostic> Sink::sorted() const {
  std::vector<Diagnostic> result = diagnostics_;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(a.span.file, a.span.begin, a.severity()) < std::tuple(b.span.file, b.span.begin, b.severity());
  });
  return result;
}

}  // namespace smarthl7::diag

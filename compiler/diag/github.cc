// SPDX-License-Identifier: Apache-2.0
#include "compiler/diag/github.h"

#include <fmt/format.h>

#include <string_view>

namespace smarthl7::diag {
namespace {

/// A command's text stays on its line; inside of a property its separators are escaped too.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    const bool escape = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    out += escape ? fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c))) : std::string(1, c);
  }
  return out;
}

}  // namespace

std::string render_github(std::span<const Diagnostic> diagnostics, const source::SourceSet& sources) {
  std::string out;
  for (const Diagnostic& one : diagnostics) {
    const source::SourceFile& file = sources.get(one.span);
    const source::Position begin = file.position(one.span.begin);
    const source::Position end = file.position(one.span.end);
    std::string text = one.message;
    if (!one.label.empty()) text += " (" + one.label + ")";
    if (!one.help.empty()) text += "\nhelp: " + one.help;
    out += fmt::format("::{} file={},line={},endLine={}", name_of(one.severity()), escaped(file.path(), true), begin.line,
                       end.line);
    // Columns mean something on one line only.
    if (begin.line == end.line) out += fmt::format(",col={},endColumn={}", begin.column, end.column);
    out += fmt::format(",title={}::{}\n", name_of(one.code), escaped(text, false));
  }
  return out;
}

}  // namespace smarthl7::diag

// SPDX-License-Identifier: Apache-2.0
// Any bytes: the parser ends and stays within the file; a file without errors keeps its meaning when formatted,
// and formatting twice is formatting once.
#include <cstddef>
#include <cstdint>
#include <string>

#include "compiler/diag/render.h"
#include "compiler/format/format.h"
#include "compiler/syntax/dump.h"
#include "compiler/syntax/parser.h"
#include "stdlib/base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smarthl7;
  source::SourceSet sources;
  const source::SourceFile& file = sources.add("fuzz.route", std::string(reinterpret_cast<const char*>(data), size));
  diag::Sink sink;
  const syntax::ParsedFile parsed = syntax::parse(file, sink);
  SMARTHL7_ASSERT(parsed.has_errors == sink.has_errors(), "a file has errors if some were reported");
  std::size_t shown = 0;
  for (const diag::Diagnostic& diagnostic : sink.sorted()) {
    SMARTHL7_ASSERT(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= file.size(),
                    "a span lies in its file");
    if (++shown <= 5) SMARTHL7_ASSERT(!diag::render_human(diagnostic, sources).empty(), "a diagnostic can be shown");
  }
  (void)diag::apply_fixes(file, diag::first_fixes(sink.diagnostics()));
  const std::string meaning = syntax::dump(parsed);
  if (parsed.has_errors) return 0;
  const std::string once = format::format(parsed);
  diag::Sink none;
  const syntax::ParsedFile again = syntax::parse(sources.add("formatted.route", once), none);
  SMARTHL7_ASSERT(!again.has_errors, "what was formatted can be read");
  SMARTHL7_ASSERT(syntax::dump(again) == meaning, "formatting keeps the meaning");
  SMARTHL7_ASSERT(format::format(again) == once, "formatting twice is formatting once");
  return 0;
}

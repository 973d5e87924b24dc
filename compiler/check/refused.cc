// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/refused.h"

#include <fmt/format.h>

namespace smarthl7::check {
namespace {

using syntax::DeclKind;

bool runs(DeclKind kind) {
  switch (kind) {
    case DeclKind::oauth: return false;
    case DeclKind::alert:
    case DeclKind::contact:
    case DeclKind::language:
    case DeclKind::use:
    case DeclKind::setting:
    case DeclKind::secret:
    case DeclKind::environment:
    case DeclKind::table:
    case DeclKind::message:
    case DeclKind::mapping:
    case DeclKind::redaction:
    case DeclKind::retry:
    case DeclKind::source:
    case DeclKind::destination:
    case DeclKind::flow:
    case DeclKind::test:
    case DeclKind::error: return true;
  }
  return true;
}

}  // namespace

void check_refused(Context& context) {
  for (const syntax::ParsedFile& file : context.project.files) {
    for (const syntax::Declaration* declaration : file.declarations) {
      if (runs(declaration->kind)) continue;
      const std::string_view word = spelling(declaration->kind);
      const source::Span span{declaration->span.file, declaration->span.begin,
                              declaration->span.begin + static_cast<std::uint32_t>(word.size())};
      context.sink.report(diag::Code::E0210, span, fmt::format("this version does not run `{}` yet", word),
                          "the rest of the file is checked; take the declaration out to run it");
    }
  }
}

}  // namespace smarthl7::check

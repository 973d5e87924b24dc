// SPDX-License-Identifier: Apache-2.0
// Visits all that an editor shows of a file's tree, in the order of the text: names with their role, expressions with the
// message type that their paths are read by, options with their spec, and what spans lines.
// Borrows the analysis; one thread; nothing fails: broken parts of a tree are passed over.
#pragma once

#include <string>
#include <string_view>

#include "compiler/check/facts.h"
#include "compiler/driver/analysis.h"
#include "compiler/syntax/ast.h"
#include "stdlib/connectors/spec.h"

namespace smarthl7::lsp {

/// What a name stands for.
enum class Role : std::uint8_t {
  declared,  // its own declaration
  used,      // another declaration: project.use_of()
  function,
  column,
  option,
  transport,
  type,       // of a setting
  format,     // hl7, csv, xslt
  version,    // of HL7
  structure,  // ORU_R01
  segment,    // of the site: ZLR
  field,      // of such a segment
  datatype,
  phi,
  ack,  // AE
  module,
  metric,
  method,  // of a redaction
  table,   // 0105
};

/// Where something stands.
struct Around {
  const syntax::Declaration* declaration = nullptr;
  check::MessageType type;  // paths are read by it
};

struct OptionPlace {
  std::string path;                              // "tls.certificate"
  const connectors::OptionSpec* spec = nullptr;  // null: unknown, or no connector's
};

class TreeVisitor {
 public:
  TreeVisitor() = default;
  TreeVisitor(const TreeVisitor&) = delete;
  TreeVisitor& operator=(const TreeVisitor&) = delete;
  virtual ~TreeVisitor() = default;

  virtual void name(const syntax::Name& /*name*/, Role /*role*/, const Around& /*around*/) {}
  /// An expression, before what is below it; `parent` is null for a whole one.
  virtual void expr(const syntax::Expr& /*expr*/, const syntax::Expr* /*parent*/, const Around& /*around*/) {}
  /// The name of an option, before its values.
  virtual void option(const syntax::Option& /*option*/, const OptionPlace& /*place*/, const Around& /*around*/) {}
  /// A string that names a file.
  virtual void file(const syntax::StringExpr& /*text*/) {}
  /// What may go over several lines and can be folded.
  virtual void node(const syntax::Node& /*node*/) {}
  virtual void step(const syntax::Step& /*step*/) {}
  /// A value of a route's arm, or of `in`: what it is compared with.
  virtual void compared(const syntax::Expr& /*literal*/, const syntax::Expr& /*with*/, const Around& /*around*/) {}
};

void visit(const driver::Analysis& analysis, const syntax::ParsedFile& file, TreeVisitor& visitor);
void visit(const driver::Analysis& analysis, const syntax::Declaration& declaration, TreeVisitor& visitor);

/// The type by which a declaration's paths are read, where it is one for all: that of a message, or what a mapping takes.
[[nodiscard]] check::MessageType message_type_of(const driver::Analysis& analysis, const syntax::Declaration& declaration);

/// The option's spec in that declaration, by its path; null if there is none.
[[nodiscard]] const connectors::OptionSpec* option_spec(const syntax::Declaration& declaration, std::string_view path);

}  // namespace smarthl7::lsp

// SPDX-License-Identifier: Apache-2.0
// Expressions, options and `else` clauses as text of the one format, with soft breaks. Internal; pure.
#pragma once

#include <string>

#include "compiler/format/doc.h"

namespace smarthl7::format {

class Writer {
 public:
  explicit Writer(const syntax::ParsedFile& file) : file_(file) {}

  [[nodiscard]] std::string expr(const syntax::Expr& e) const;
  [[nodiscard]] std::string otherwise(const syntax::ElseClause& e) const;
  [[nodiscard]] std::string type(const syntax::TypeRef& t) const;
  [[nodiscard]] std::string message_type(const syntax::MessageType& t) const;
  /// An option that holds no block, on one line.
  [[nodiscard]] std::string option(const syntax::Option& o) const;
  [[nodiscard]] std::string source(syntax::Span span) const { return std::string(file_.source->text(span)); }

  template <class T>
  [[nodiscard]] std::string commas(syntax::List<T> all) const {
    std::string out;
    for (const T* e : all) {
      if (!out.empty()) out += std::string(",") + kSoftBlank;
      if constexpr (requires { e->text; }) {
        out += e->text;
      } else {
        out += expr(*e);
      }
    }
    return out;
  }

 private:
  [[nodiscard]] std::string bare(const syntax::Expr& e) const;
  [[nodiscard]] std::string path(const syntax::PathExpr& p) const;
  [[nodiscard]] std::string index(const syntax::Index& i) const;

  const syntax::ParsedFile& file_;
};

}  // namespace smarthl7::format

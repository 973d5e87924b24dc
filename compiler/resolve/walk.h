// SPDX-License-Identifier: Apache-2.0
// Visits every place of a declaration where a name of another declaration stands. Borrows; keeps nothing; one thread;
// does not fail.
#pragma once

#include <initializer_list>
#include <string_view>

#include "compiler/syntax/ast.h"

namespace smarthl7::resolve {

class UseVisitor {
 public:
  UseVisitor() = default;
  UseVisitor(const UseVisitor&) = delete;
  UseVisitor& operator=(const UseVisitor&) = delete;
  virtual ~UseVisitor() = default;

  /// A name that must be a declaration of one of these kinds.
  virtual void name(const syntax::Node& node, std::string_view text, std::initializer_list<syntax::DeclKind> kinds) = 0;
  /// A word in an expression or an option: a declaration's name, or a word of the option or function.
  virtual void word(const syntax::NameExpr& node) = 0;
};

void visit_uses(const syntax::Declaration& declaration, UseVisitor& visitor);

}  // namespace smarthl7::resolve

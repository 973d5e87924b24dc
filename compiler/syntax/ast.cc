// SPDX-License-Identifier: Apache-2.0
#include "compiler/syntax/ast.h"

namespace smarthl7::syntax {

std::string_view spelling(BinaryOp op) {
  switch (op) {
    case BinaryOp::logic_or: return "or";
    case BinaryOp::logic_and: return "and";
    case BinaryOp::equal: return "==";
    case BinaryOp::not_equal: return "!=";
    case BinaryOp::less: return "<";
    case BinaryOp::less_equal: return "<=";
    case BinaryOp::greater: return ">";
    case BinaryOp::greater_equal: return ">=";
    case BinaryOp::add: return "+";
    case BinaryOp::subtract: return "-";
    case BinaryOp::multiply: return "*";
    case BinaryOp::divide: return "/";
  }
  return "?";
}

std::string_view spelling(Connective connective) {
  switch (connective) {
    case Connective::none: return "";
    case Connective::file: return "file";
    case Connective::secret: return "secret";
    case Connective::oauth: return "oauth";
    case Connective::when: return "when";
    case Connective::within: return "within";
    case Connective::by: return "by";
    case Connective::after: return "after";
    case Connective::because: return "because";
    case Connective::from: return "from";
  }
  return "?";
}

std::string_view spelling(DeclKind kind) {
  switch (kind) {
    case DeclKind::language: return "language";
    case DeclKind::use: return "use";
    case DeclKind::setting: return "setting";
    case DeclKind::secret: return "secret";
    case DeclKind::oauth: return "oauth";
    case DeclKind::contact: return "contact";
    case DeclKind::environment: return "environment";
    case DeclKind::table: return "table";
    case DeclKind::message: return "message";
    case DeclKind::mapping: return "mapping";
    case DeclKind::redaction: return "redaction";
    case DeclKind::retry: return "retry";
    case DeclKind::source: return "source";
    case DeclKind::destination: return "destination";
    case DeclKind::flow: return "flow";
    case DeclKind::alert: return "alert";
    case DeclKind::test: return "test";
    case DeclKind::error: return "error";
  }
  return "?";
}

const Option* OptionBlock::find(std::string_view name) const {
  for (const Option* option : options) {
    if (option->name != nullptr && option->name->text == name) return option;
  }
  return nullptr;
}

}  // namespace smarthl7::syntax

// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/find.h"

#include <algorithm>

#include "compiler/syntax/scan.h"

namespace smarthl7::lsp {
namespace {

using syntax::ExprKind;

/// An editor's cursor may stand behind the last character of what it is at.
bool holds(source::Span span, std::uint32_t offset) { return span.begin <= offset && offset <= span.end; }

class Finder final : public TreeVisitor {
 public:
  explicit Finder(std::uint32_t offset) : offset_(offset) {}

  void name(const syntax::Name& name, Role role, const Around& around) override {
    if (!holds(name.span, offset_)) return;
    found.name = &name;
    found.role = role;
    found.around = around;
  }
  void expr(const syntax::Expr& expr, const syntax::Expr* /*parent*/, const Around& around) override {
    if (!holds(expr.span, offset_)) return;
    if (found.expr != nullptr && expr.span.length() > found.expr->span.length()) return;
    found.expr = &expr;
    found.around = around;
  }
  void option(const syntax::Option& option, const OptionPlace& place, const Around& around) override {
    if (!holds(option.span, offset_)) return;
    found.option = &option;
    found.place = place;
    found.around = around;
  }
  void file(const syntax::StringExpr& text) override {
    if (holds(text.span, offset_)) found.file = &text;
  }
  void step(const syntax::Step& step) override {
    if (holds(step.span, offset_)) found.step = &step;
  }
  void compared(const syntax::Expr& literal, const syntax::Expr& with, const Around& around) override {
    if (!holds(literal.span, offset_)) return;
    found.compared = &literal;
    found.with = &with;
    found.compared_around = around;
  }

  Found found;

 private:
  std::uint32_t offset_;
};

}  // namespace

Found find_at(const View& view, std::uint32_t offset) {
  Finder finder(offset);
  for (const syntax::Declaration* declaration : view.tree.declarations) {
    if (holds(declaration->span, offset)) visit(view.analysis, *declaration, finder);
  }
  return finder.found;
}

bool is_reference(const connectors::OptionSpec* spec, std::string_view word) {
  if (spec == nullptr) return true;
  if (std::ranges::find(spec->words, word) != spec->words.end()) return false;
  return spec->kind != connectors::OptionKind::words && spec->kind != connectors::OptionKind::charset;
}

bool is_name(std::string_view text) {
  return syntax::scan_name(text.data(), text.data() + text.size()) == text.data() + text.size();
}

std::optional<FoundName> name_at(const View& view, std::uint32_t offset) {
  const Found found = find_at(view, offset);
  const resolve::Project& project = view.analysis.project;
  if (found.name != nullptr && (found.role == Role::used || found.role == Role::declared)) {
    const resolve::Entry* entry = found.role == Role::used ? project.use_of(*found.name) : project.find(found.name->text);
    if (entry != nullptr) return FoundName{found.name->span, entry};
  }
  if (found.expr == nullptr || found.expr->kind != ExprKind::name) return std::nullopt;
  if (found.option != nullptr && !is_reference(found.place.spec, found.expr->as<syntax::NameExpr>().text)) return std::nullopt;
  const resolve::Entry* entry = project.use_of(*found.expr);
  if (entry == nullptr) return std::nullopt;
  return FoundName{found.expr->span, entry};
}

}  // namespace smarthl7::lsp

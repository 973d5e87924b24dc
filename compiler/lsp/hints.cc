// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "compiler/lsp/features.h"

namespace smarthl7::lsp {
namespace {

/// The standard's names behind paths that are written by numbers.
class Hints final : public TreeVisitor {
 public:
  Hints(const View& view, std::uint32_t begin, std::uint32_t end) : view_(view), begin_(begin), end_(end) {}

  void expr(const syntax::Expr& expr, const syntax::Expr* /*parent*/, const Around& around) override {
    const auto* path = expr.try_as<syntax::PathExpr>();
    if (path == nullptr || path->parts.empty() || path->span.end < begin_ || path->span.begin > end_) return;
    if (path->parts.back().number == 0) return;  // written by name
    const auto at = view_.analysis.facts.paths.find(path->id);
    if (at == view_.analysis.facts.paths.end()) return;
    const check::MessageModel& model = models_.of(around.type);
    const PathParts parts = parts_of(model, at->second);
    const check::PartInfo* last = parts.last();
    if (last == nullptr || last->name.empty()) return;
    hints.push_back(json::object{
        {"position", to_json(view_.range(path->span).end)},
        {"label", to_json(std::string_view(last->name))},
        {"paddingLeft", true},
        {"tooltip", to_json(fmt::format("{}: {} ({})", model.title(), names_of(parts, " / "), part_text(*last)))}});
  }

  json::array hints;

 private:
  const View& view_;
  std::uint32_t begin_;
  std::uint32_t end_;
  Models models_;
};

}  // namespace

json::value inlay_hints(const View& view, std::uint32_t begin, std::uint32_t end) {
  if (!view.client.path_hints) return json::array{};
  Hints hints(view, begin, end);
  for (const syntax::Declaration* declaration : view.tree.declarations) {
    if (declaration->span.end >= begin && declaration->span.begin <= end) visit(view.analysis, *declaration, hints);
  }
  return std::move(hints.hints);
}

}  // namespace smarthl7::lsp

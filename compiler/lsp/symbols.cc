// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lsp/features.h"
#include "compiler/lsp/uri.h"

namespace smarthl7::lsp {
namespace {

using syntax::DeclKind;

/// SymbolKind of LSP 3.17.
enum class Symbol : std::uint8_t {
  module = 2,
  namespace_ = 3,
  class_ = 5,
  method = 6,
  property = 7,
  field = 8,
  interface = 11,
  function = 12,
  variable = 13,
  constant = 14,
  string = 15,
  array = 18,
  key = 20,
  struct_ = 23,
  event = 24,
};

Symbol symbol_of(DeclKind kind) {
  switch (kind) {
    case DeclKind::use: return Symbol::module;
    case DeclKind::setting: return Symbol::variable;
    case DeclKind::secret:
    case DeclKind::oauth: return Symbol::key;
    case DeclKind::contact: return Symbol::constant;
    case DeclKind::environment: return Symbol::namespace_;
    case DeclKind::table: return Symbol::array;
    case DeclKind::message: return Symbol::struct_;
    case DeclKind::mapping:
    case DeclKind::redaction: return Symbol::function;
    case DeclKind::retry: return Symbol::constant;
    case DeclKind::source:
    case DeclKind::destination: return Symbol::interface;
    case DeclKind::flow: return Symbol::class_;
    case DeclKind::alert: return Symbol::event;
    case DeclKind::test: return Symbol::method;
    case DeclKind::language:
    case DeclKind::error: return Symbol::constant;
  }
  return Symbol::constant;
}

json::object symbol(const View& view, std::string_view name, std::string_view detail, Symbol kind, source::Span span,
                    source::Span selection) {
  // A client shows the whole list as broken if a selection lies outside of its range.
  if (selection.begin < span.begin || selection.end > span.end) selection = span;
  json::object made{{"name", to_json(name.empty() ? "?" : name)},
                    {"kind", static_cast<int>(kind)},
                    {"range", to_json(view.range(span))},
                    {"selectionRange", to_json(view.range(selection))}};
  if (!detail.empty()) made["detail"] = to_json(detail);
  return made;
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (const std::size_t brace = text.find(" {"); brace != std::string_view::npos) text = text.substr(0, brace);
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

json::array children(const View& view, const syntax::Declaration& declaration) {
  json::array all;
  if (const auto* message = declaration.try_as<syntax::MessageDecl>()) {
    for (const syntax::MessageItem* item : message->items) {
      if (const auto* rule = item->try_as<syntax::RuleItem>(); rule != nullptr && rule->text != nullptr)
        all.push_back(symbol(view, rule->text->text(), "rule", Symbol::string, rule->span, rule->text->span));
      const auto* segment = item->try_as<syntax::SegmentItem>();
      if (segment == nullptr || segment->name == nullptr) continue;
      json::object made = symbol(view, segment->name->text, "segment", Symbol::struct_, segment->span, segment->name->span);
      json::array fields;
      for (const syntax::SegmentField* field : segment->fields) {
        if (field->name == nullptr) continue;
        fields.push_back(symbol(view, fmt::format("{}-{}", segment->name->text, field->number), field->name->text,
                                Symbol::field, field->span, field->name->span));
      }
      made["children"] = std::move(fields);
      all.push_back(std::move(made));
    }
  }
  if (const auto* flow = declaration.try_as<syntax::FlowDecl>()) {
    for (const syntax::Step* step : flow->steps) {
      if (step->kind == syntax::StepKind::error) continue;
      all.push_back(symbol(view, first_line(view.text(step->span)), {}, Symbol::method, step->span, step->span));
    }
  }
  if (const auto* mapping = declaration.try_as<syntax::MappingDecl>()) {
    for (const syntax::MappingItem* item : mapping->items) {
      const auto* each = item->try_as<syntax::EachItem>();
      if (each == nullptr || each->scope == nullptr) continue;
      all.push_back(symbol(view, first_line(view.text(each->span)), {}, Symbol::method, each->span, each->scope->span));
    }
  }
  return all;
}

std::string_view title_of(const syntax::Declaration& declaration) {
  if (const auto* test = declaration.try_as<syntax::TestDecl>()) return test->title == nullptr ? "test" : test->title->text();
  if (const auto* use = declaration.try_as<syntax::UseDecl>()) return use->what == nullptr ? "use" : use->what->text;
  return declaration.name == nullptr ? std::string_view{} : declaration.name->text;
}

bool matches(std::string_view name, std::string_view query) {
  // The letters of the query in their order.
  std::size_t at = 0;
  for (const char c : name) {
    const auto lower = [](char x) { return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x; };
    if (at < query.size() && lower(c) == lower(query[at])) ++at;
  }
  return at == query.size();
}

/// Nodes that go over several lines.
class Folds final : public TreeVisitor {
 public:
  explicit Folds(const View& view) : view_(view) {}

  void node(const syntax::Node& node) override {
    const std::uint32_t first = view_.lines.line_of(node.span.begin);
    std::uint32_t last = view_.lines.line_of(node.span.end == node.span.begin ? node.span.begin : node.span.end - 1);
    // The closing brace stays in sight.
    if (view_.text(node.span).ends_with('}') && last > first) --last;
    if (last > first) ranges.push_back(json::object{{"startLine", first}, {"endLine", last}});
  }
  json::array ranges;

 private:
  const View& view_;
};

class Links final : public TreeVisitor {
 public:
  explicit Links(const View& view) : view_(view) {}

  void file(const syntax::StringExpr& text) override {
    if (!text.is_literal() || text.text().empty() || text.form == syntax::StringForm::block || text.span.length() < 2) return;
    const std::string path = view_.analysis.context.path_of(text.span, text.text());
    if (!view_.analysis.files.exists(path)) return;
    links.push_back(json::object{{"range", to_json(view_.range(text.span.begin + 1, text.span.end - 1))},
                                 {"target", to_json(uri_of_path(path))}});
  }
  json::array links;

 private:
  const View& view_;
};

}  // namespace

json::value document_symbols(const View& view) {
  json::array all;
  for (const syntax::Declaration* declaration : view.tree.declarations) {
    if (declaration->kind == DeclKind::language) continue;
    const std::string_view title = title_of(*declaration);
    const source::Span selection = declaration->name != nullptr ? declaration->name->span : declaration->span;
    json::object made =
        symbol(view, title, spelling(declaration->kind), symbol_of(declaration->kind), declaration->span, selection);
    if (json::array below = children(view, *declaration); !below.empty()) made["children"] = std::move(below);
    all.push_back(std::move(made));
  }
  return all;
}

json::array workspace_symbols(const Workspace& workspace, const Client& client, const Project& project,
                              std::string_view query) {
  json::array all;
  if (project.analysis == nullptr) return all;
  for (const syntax::ParsedFile& file : project.analysis->project.files) {
    std::optional<Lines> lines;
    for (const syntax::Declaration* declaration : file.declarations) {
      const std::string_view title = title_of(*declaration);
      if (declaration->kind == DeclKind::language || declaration->kind == DeclKind::use || title.empty() ||
          !matches(title, query))
        continue;
      if (!lines) lines.emplace(file.source->bytes());
      const source::Span span = declaration->name != nullptr ? declaration->name->span : declaration->span;
      all.push_back(json::object{
          {"name", to_json(title)},
          {"kind", static_cast<int>(symbol_of(declaration->kind))},
          {"containerName", to_json(spelling(declaration->kind))},
          {"location", location(workspace.uri_of(file.source->path()), lines->range(span.begin, span.end, client.encoding))}});
    }
  }
  return all;
}

json::value folding(const View& view) {
  Folds folds(view);
  visit(view.analysis, view.tree, folds);
  // Comments on lines that follow each other.
  const auto& comments = view.tree.comments;
  for (std::size_t i = 0; i < comments.size();) {
    const std::uint32_t first = view.lines.line_of(comments[i].span.begin);
    std::uint32_t last = first;
    std::size_t next = i + 1;
    while (next < comments.size() && view.lines.line_of(comments[next].span.begin) == last + 1) ++last, ++next;
    if (last > first) folds.ranges.push_back(json::object{{"startLine", first}, {"endLine", last}, {"kind", "comment"}});
    i = next;
  }
  return std::move(folds.ranges);
}

json::value links(const View& view) {
  Links found(view);
  visit(view.analysis, view.tree, found);
  return std::move(found.links);
}

json::value lenses(const View& view) {
  json::array all;
  std::size_t tests = 0;
  for (const syntax::Declaration* declaration : view.tree.declarations) {
    const auto* test = declaration->try_as<syntax::TestDecl>();
    if (test == nullptr || test->title == nullptr || test->poisoned) continue;
    ++tests;
    const std::string uri = view.uri(view.tree.source->id());
    json::object command{{"title", "Run test"},
                         {"command", "smarthl7.runTest"},
                         {"arguments", json::array{to_json(uri), to_json(test->title->text())}}};
    all.push_back(json::object{{"range", to_json(view.range(test->title->span))}, {"command", std::move(command)}});
  }
  if (tests > 1) {
    json::object command{{"title", fmt::format("Run all {} tests", tests)},
                         {"command", "smarthl7.runTest"},
                         {"arguments", json::array{to_json(view.uri(view.tree.source->id()))}}};
    all.insert(all.begin(), json::object{{"range", to_json(Range{})}, {"command", std::move(command)}});
  }
  return all;
}

}  // namespace smarthl7::lsp

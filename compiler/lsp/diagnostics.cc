// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diag/diagnostic.h"
#include "compiler/diag/render.h"
#include "compiler/lsp/features.h"

namespace smarthl7::lsp {
namespace {

using diag::Code;
using diag::Diagnostic;

/// DiagnosticSeverity and DiagnosticTag of LSP 3.17.
constexpr int kError = 1;
constexpr int kWarning = 2;
constexpr int kUnnecessary = 1;

std::string message_of(const Diagnostic& diagnostic) {
  std::string text = diagnostic.message;
  if (!diagnostic.label.empty()) text += "\n" + diagnostic.label;
  for (const std::string& note : diagnostic.notes) text += "\nnote: " + note;
  if (!diagnostic.help.empty()) text += "\nhelp: " + diagnostic.help;
  return text;
}

std::string title_of(const diag::Fix& fix) {
  if (!fix.title.empty()) return fix.title;
  if (fix.edits.size() == 1) {
    const std::string& text = fix.edits.front().replacement;
    if (text.empty()) return "remove it";
    return fmt::format("write `{}`", text.substr(0, text.find('\n')));
  }
  return "fix it";
}

json::object changes_of(const View& view, const diag::Fix& fix) {
  json::object changes;
  for (const diag::Edit& edit : fix.edits) {
    const source::SourceFile& file = view.analysis.sources.get(edit.span);
    const std::string uri = view.uri(edit.span.file);
    const Range range = &file == view.tree.source
                            ? view.range(edit.span)
                            : Lines(file.bytes()).range(edit.span.begin, edit.span.end, view.client.encoding);
    json::value& list = changes[uri];
    if (!list.is_array()) list = json::array{};
    list.get_array().push_back(text_edit(range, edit.replacement));
  }
  return {{"changes", std::move(changes)}};
}

bool wants(const json::value& context, std::string_view kind) {
  const json::value* only = member(context, "only");
  if (only == nullptr || !only->is_array()) return true;
  return std::ranges::any_of(only->get_array(), [&](const json::value& one) {
    if (!one.is_string()) return false;
    const std::string_view wanted(one.get_string().data(), one.get_string().size());
    return kind == wanted || (kind.starts_with(wanted) && kind.size() > wanted.size() && kind[wanted.size()] == '.');
  });
}

json::object to_json(const View& view, const Diagnostic& diagnostic) {
  return {{"range", lsp::to_json(view.range(diagnostic.span))},
          {"code", lsp::to_json(diag::name_of(diagnostic.code))},
          {"source", "smarthl7"},
          {"message", lsp::to_json(message_of(diagnostic))}};
}

/// `// allow W0201 because ` above the line: the reason is the author's, and check asks for it until it is there.
json::object allowing(const View& view, const Diagnostic& diagnostic) {
  const std::uint32_t begin = view.lines.start(view.lines.line_of(diagnostic.span.begin));
  std::uint32_t indent = begin;
  while (indent < view.text().size() && (view.text()[indent] == ' ' || view.text()[indent] == '\t')) ++indent;
  const std::string_view code = diag::name_of(diagnostic.code);
  const std::string comment = fmt::format("{}// allow {} because \n", view.text().substr(begin, indent - begin), code);
  json::object changes;
  changes[view.uri(diagnostic.span.file)] = json::array{text_edit(view.range(begin, begin), comment)};
  return {{"title", fmt::format("Allow {} here (a reason is due)", code)},
          {"kind", "quickfix"},
          {"diagnostics", json::array{to_json(view, diagnostic)}},
          {"edit", json::object{{"changes", std::move(changes)}}}};
}

/// All first fixes of the document together.
json::value fix_all(const View& view) {
  std::vector<Diagnostic> here;
  for (const Diagnostic& one : view.analysis.diagnostics) {
    if (one.span.file == view.tree.source->id() && !one.fixes.empty()) here.push_back(one);
  }
  const auto fixes = diag::first_fixes(here);
  const std::string fixed = diag::apply_fixes(*view.tree.source, fixes);
  if (fixed == view.text()) return nullptr;
  const Range whole = view.range(0, static_cast<std::uint32_t>(view.text().size()));
  return json::object{{"changes", json::object{{view.uri(view.tree.source->id()), json::array{text_edit(whole, fixed)}}}}};
}

}  // namespace

json::array diagnostics_of(const Workspace& workspace, const Client& client, const driver::Analysis& analysis,
                           const source::SourceFile& file) {
  json::array all;
  std::optional<Lines> lines;
  for (const Diagnostic& diagnostic : analysis.diagnostics) {
    if (diagnostic.span.file != file.id()) continue;
    if (!lines) lines.emplace(file.bytes());
    const Range range = lines->range(diagnostic.span.begin, diagnostic.span.end, client.encoding);
    json::object made{{"range", lsp::to_json(range)},
                      {"severity", diagnostic.severity() == diag::Severity::error ? kError : kWarning},
                      {"code", lsp::to_json(diag::name_of(diagnostic.code))},
                      {"source", "smarthl7"},
                      {"message", lsp::to_json(message_of(diagnostic))}};
    if (diagnostic.code == Code::W0201 || diagnostic.code == Code::E0504) made["tags"] = json::array{kUnnecessary};
    json::array related;
    for (const diag::Label& label : diagnostic.secondary) {
      const source::SourceFile& other = analysis.sources.get(label.span);
      const Lines other_lines(other.bytes());
      related.push_back(json::object{
          {"location",
           location(workspace.uri_of(other.path()), other_lines.range(label.span.begin, label.span.end, client.encoding))},
          {"message", lsp::to_json(label.text)}});
    }
    if (!related.empty()) made["relatedInformation"] = std::move(related);
    all.push_back(std::move(made));
  }
  return all;
}

json::value code_actions(const View& view, Range range, const json::value& context) {
  json::array actions;
  const std::uint32_t begin = view.offset(range.start);
  const std::uint32_t end = std::max(begin, view.offset(range.end));
  bool fixable = false;
  for (const Diagnostic& diagnostic : view.analysis.diagnostics) {
    if (diagnostic.span.file != view.tree.source->id()) continue;
    fixable = fixable || !diagnostic.fixes.empty();
    if (diagnostic.span.end < begin || diagnostic.span.begin > end) continue;
    for (std::size_t i = 0; wants(context, "quickfix") && i < diagnostic.fixes.size(); ++i) {
      actions.push_back(json::object{{"title", lsp::to_json(title_of(diagnostic.fixes[i]))},
                                     {"kind", "quickfix"},
                                     {"diagnostics", json::array{to_json(view, diagnostic)}},
                                     {"isPreferred", i == 0 && diagnostic.fixes.size() == 1},
                                     {"edit", changes_of(view, diagnostic.fixes[i])}});
    }
    if (diagnostic.severity() == diag::Severity::warning && wants(context, "quickfix")) {
      actions.push_back(allowing(view, diagnostic));
    }
    if (view.client.virtual_documents && wants(context, "quickfix")) {
      const std::string code(diag::name_of(diagnostic.code));
      const std::string title = fmt::format("Explain {}", code);
      actions.push_back(json::object{
          {"title", title},
          {"kind", "quickfix"},
          {"diagnostics", json::array{to_json(view, diagnostic)}},
          {"command", json::object{{"title", title}, {"command", "smarthl7.explain"}, {"arguments", json::array{code}}}}});
    }
  }
  if (fixable && wants(context, "source.fixAll.smarthl7")) {
    json::value edit = fix_all(view);
    if (!edit.is_null()) {
      actions.push_back(
          json::object{{"title", "Fix all that can be fixed"}, {"kind", "source.fixAll.smarthl7"}, {"edit", std::move(edit)}});
    }
  }
  return actions;
}

}  // namespace smarthl7::lsp

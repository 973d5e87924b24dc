// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/lsp/features.h"
#include "compiler/lsp/find.h"
#include "compiler/lsp/uri.h"
#include "compiler/syntax/scan.h"

namespace smarthl7::lsp {
namespace {

using resolve::Entry;

/// Every place where a declaration is named.
class Uses final : public TreeVisitor {
 public:
  Uses(const resolve::Project& project, const Entry& entry) : project_(project), entry_(entry) {}

  void name(const syntax::Name& name, Role role, const Around& around) override {
    if (role == Role::declared && around.declaration == entry_.declaration) declaration = name.span;
    if (role == Role::used && project_.use_of(name) == &entry_) spans.push_back(name.span);
  }
  void option(const syntax::Option& option, const OptionPlace& place, const Around& /*around*/) override {
    option_ = &option;
    spec_ = place.spec;
  }
  void expr(const syntax::Expr& expr, const syntax::Expr* parent, const Around& /*around*/) override {
    if (expr.kind != syntax::ExprKind::name || project_.use_of(expr) != &entry_) return;
    const bool of_option =
        parent == nullptr && option_ != nullptr && std::ranges::find(option_->values, &expr) != option_->values.end();
    if (of_option && !is_reference(spec_, expr.as<syntax::NameExpr>().text)) return;
    spans.push_back(expr.span);
  }

  std::vector<source::Span> spans;
  std::optional<source::Span> declaration;

 private:
  const resolve::Project& project_;
  const Entry& entry_;
  const syntax::Option* option_ = nullptr;
  const connectors::OptionSpec* spec_ = nullptr;
};

/// Uses in all files of the project, the declaration first if it is wanted.
std::vector<source::Span> uses_of(const driver::Analysis& analysis, const Entry& entry, bool with_declaration) {
  std::vector<source::Span> spans;
  if (with_declaration && entry.declaration->name != nullptr && !entry.standard) spans.push_back(entry.declaration->name->span);
  for (const syntax::ParsedFile& file : analysis.project.files) {
    Uses uses(analysis.project, entry);
    visit(analysis, file, uses);
    spans.insert(spans.end(), uses.spans.begin(), uses.spans.end());
  }
  std::sort(spans.begin() + (with_declaration && !spans.empty() && !entry.standard ? 1 : 0), spans.end());
  return spans;
}

/// The site's own segment, or a field of it, that a path goes through.
json::value local_segment(const View& view, const Found& found, std::uint32_t offset) {
  if (found.expr == nullptr) return nullptr;
  const auto* path = found.expr->try_as<syntax::PathExpr>();
  if (path == nullptr || found.around.type.profile == nullptr) return nullptr;
  const auto at = view.analysis.facts.paths.find(path->id);
  std::string segment = at != view.analysis.facts.paths.end() ? at->second.segment : std::string();
  if (segment.empty() && !path->nodes.empty()) segment = path->nodes.back().text;
  const check::MessageModel model(found.around.type);
  const syntax::SegmentItem* local = model.local_segment(segment);
  if (local == nullptr || local->name == nullptr) return nullptr;
  if (at != view.analysis.facts.paths.end() && !path->parts.empty() && offset >= path->parts.front().span.begin) {
    for (const syntax::SegmentField* field : local->fields) {
      if (field->number == at->second.path.field && field->name != nullptr) return view.place(field->name->span);
    }
  }
  return view.place(local->name->span);
}

std::string refusal_of(const View& view, const Entry& entry, std::string_view name) {
  if (name.empty()) return "a name is due";
  if (syntax::is_reserved(name)) return fmt::format("`{}` is a word of the language", name);
  if (!is_name(name))
    return fmt::format("`{}` is no name: names are lower case letters, digits and `_`, and begin with a letter", name);
  if (std::ranges::any_of(name, syntax::is_upper)) return fmt::format("`{}` has capitals, and names are in lower case", name);
  const Entry* other = view.analysis.project.find(name);
  if (other != nullptr && other != &entry)
    return fmt::format("`{}` is {} already, and all declarations of a project share one name space", name,
                       resolve::with_article(other->kind));
  return {};
}

/// Why the declaration keeps its name; empty: it can be renamed.
std::string fixed_name(const Entry& entry) {
  if (entry.standard) return fmt::format("`{}` belongs to the standard library", entry.name);
  return {};
}

}  // namespace

json::value definition(const View& view, std::uint32_t offset) {
  const Found found = find_at(view, offset);
  if (const auto name = name_at(view, offset); name && name->entry->declaration->name != nullptr)
    return view.place(name->entry->declaration->name->span);
  if (found.name != nullptr && found.role == Role::module) {
    for (const syntax::ParsedFile& module : view.analysis.project.standard) {
      if (module.source->path() == found.name->text && !module.declarations.empty())
        return view.place(module.declarations.front()->span);
    }
    return nullptr;
  }
  if (found.file != nullptr && found.file->is_literal()) {
    const std::string path = view.analysis.context.path_of(found.file->span, found.file->text());
    if (view.analysis.files.exists(path)) return location(uri_of_path(path), {});
  }
  return local_segment(view, found, offset);
}

json::value references(const View& view, std::uint32_t offset, bool with_declaration) {
  const auto name = name_at(view, offset);
  if (!name) return nullptr;
  json::array all;
  for (const source::Span span : uses_of(view.analysis, *name->entry, with_declaration)) all.push_back(view.place(span));
  return all;
}

json::value highlights(const View& view, std::uint32_t offset) {
  const auto name = name_at(view, offset);
  if (!name) return nullptr;
  constexpr int kRead = 2;
  constexpr int kWrite = 3;
  json::array all;
  const source::Span declared = name->entry->declaration->name->span;
  for (const source::Span span : uses_of(view.analysis, *name->entry, true)) {
    if (span.file != view.tree.source->id()) continue;
    all.push_back(json::object{{"range", to_json(view.range(span))}, {"kind", span == declared ? kWrite : kRead}});
  }
  return all;
}

Renamed prepare_rename(const View& view, std::uint32_t offset) {
  const auto name = name_at(view, offset);
  if (!name) return {nullptr, {}};
  if (std::string why = fixed_name(*name->entry); !why.empty()) return {nullptr, std::move(why)};
  return {json::object{{"range", to_json(view.range(name->span))}, {"placeholder", to_json(name->entry->name)}}, {}};
}

Renamed rename(const View& view, std::uint32_t offset, std::string_view to) {
  const auto name = name_at(view, offset);
  if (!name) return {nullptr, "there is no name here that is declared in this project"};
  if (std::string why = fixed_name(*name->entry); !why.empty()) return {nullptr, std::move(why)};
  if (std::string why = refusal_of(view, *name->entry, to); !why.empty()) return {nullptr, std::move(why)};
  std::map<source::FileId, json::array> edits;
  std::map<source::FileId, Lines> lines;
  for (const source::Span span : uses_of(view.analysis, *name->entry, true)) {
    const auto at = lines.try_emplace(span.file, view.analysis.sources.get(span).bytes()).first;
    edits[span.file].push_back(text_edit(at->second.range(span.begin, span.end, view.client.encoding), to));
  }
  json::object changes;
  for (auto& [file, list] : edits) changes[view.uri(file)] = std::move(list);
  return {json::object{{"changes", std::move(changes)}}, {}};
}

}  // namespace smarthl7::lsp

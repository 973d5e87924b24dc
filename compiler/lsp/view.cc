// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/view.h"

#include <fmt/format.h>

#include "compiler/lsp/uri.h"

namespace smarthl7::lsp {

std::string standard_uri(std::string_view module) { return fmt::format("smarthl7:/{}.route", module); }

std::string View::uri(source::FileId file) const {
  const std::string& path = analysis.sources.get(file).path();
  return workspace.uri_of(path);
}

json::value View::place(source::Span span) const {
  const source::SourceFile& file = analysis.sources.get(span);
  for (const syntax::ParsedFile& standard : analysis.project.standard) {
    if (standard.source != &file) continue;
    if (!client.virtual_documents) return nullptr;
    return location(standard_uri(file.path()), Lines(file.bytes()).range(span.begin, span.end, client.encoding));
  }
  if (&file == tree.source) return location(uri(span.file), range(span));
  return location(uri(span.file), Lines(file.bytes()).range(span.begin, span.end, client.encoding));
}

const check::PartInfo* PathParts::last() const {
  if (subcomponent) return &*subcomponent;
  if (component) return &*component;
  return field ? &*field : nullptr;
}

namespace {

std::optional<check::PartInfo> part_below(const check::PartInfo& part, std::uint16_t number) {
  if (number == 0 || !part.type) return std::nullopt;
  const hl7::Component component = part.type.component(std::size_t{number});
  if (!component) return std::nullopt;
  return check::part_info(component);
}

}  // namespace

PathParts parts_of(const check::MessageModel& model, const check::ResolvedPath& path) {
  PathParts parts;
  parts.segment = path.segment;
  if (path.path.field == 0) return parts;
  parts.field = model.field(path.segment, std::uint32_t{path.path.field});
  if (parts.field && parts.field->varies() && path.path.component == 0 && !path.type.datatype.empty()) {
    // OBX-5 that is narrowed: the check knows its type.
    parts.field->type_name = path.type.datatype;
  }
  if (parts.field) parts.component = part_below(*parts.field, path.path.component);
  if (parts.component) parts.subcomponent = part_below(*parts.component, path.path.subcomponent);
  return parts;
}

std::string names_of(const PathParts& parts, std::string_view between) {
  std::string text;
  for (const auto* part : {&parts.field, &parts.component, &parts.subcomponent}) {
    if (!*part || (*part)->name.empty()) continue;
    if (!text.empty()) text += between;
    text += (*part)->name;
  }
  return text;
}

const check::MessageModel& Models::of(const check::MessageType& type) {
  if (!model_ || !(model_->type() == type)) model_.emplace(type);
  return *model_;
}

std::string docs_of(const syntax::Declaration& declaration) {
  std::string text;
  for (const std::string_view line : declaration.docs) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

std::string headline(const driver::Analysis& analysis, const resolve::Entry& entry) {
  const syntax::Declaration& declaration = *entry.declaration;
  const source::SourceFile& file = analysis.sources.get(declaration.span);
  std::string_view text = file.text(declaration.span);
  text = text.substr(0, text.find('\n'));
  if (const std::size_t brace = text.find(" {"); brace != std::string_view::npos) text = text.substr(0, brace);
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace smarthl7::lsp

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lsp/features.h"
#include "compiler/lsp/find.h"
#include "stdlib/builtins/all.h"
#include "stdlib/hl7/phi.h"

namespace smarthl7::lsp {
namespace {

using check::MessageModel;
using check::PartInfo;
using check::ResolvedPath;
using syntax::ExprKind;
using syntax::PathLevel;

constexpr std::size_t kShownCodes = 12;

std::string table_codes(const MessageModel& model, std::uint16_t table) {
  const hl7::Table standard = model.version().table(table);
  if (!standard) return {};
  std::string text;
  const std::size_t shown = std::min(standard.size(), kShownCodes);
  for (std::size_t i = 0; i < shown; ++i) {
    const hl7::Code code = standard.code(i);
    text += fmt::format("\n- `{}` {}", code.code, code.meaning);
  }
  if (standard.size() > shown) text += fmt::format("\n- ... and {} more", standard.size() - shown);
  return text;
}

std::string phi_text(const hl7::PhiMark& mark) {
  if (mark.label == hl7::PhiLabel::none) return "PHI: none";
  const std::string_view letter = hl7::kind_letter(mark.kind);
  std::string text = fmt::format("PHI: {} ({}", hl7::label_name(mark.label), hl7::kind_name(mark.kind));
  if (!letter.empty()) text += fmt::format(", 45 CFR 164.514(b)(2)(i)({})", letter);
  return text + ")";
}

std::string phi_of(const MessageModel& model, const ResolvedPath& path) {
  if (const syntax::SegmentItem* local = model.local_segment(path.segment)) {
    for (const syntax::SegmentField* field : local->fields) {
      if (field->number != path.path.field || field->phi == nullptr) continue;
      if (const auto mark = hl7::declared_label(field->phi->text)) return phi_text(*mark);
    }
    return {};
  }
  if (path.path.field == 0) return {};
  return phi_text(hl7::label_of(model.version(), path.segment, path.path.field, path.path.component, path.path.subcomponent));
}

/// Where a segment or group stands in the structure, with how often.
std::string places_text(const MessageModel& model, std::string_view name) {
  std::string text;
  if (model.open()) return text;
  const auto nodes = model.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].name != name) continue;
    const auto group = model.group_of(static_cast<check::ModelIndex>(i));
    text += fmt::format("\n- {}{}, {}", group == check::kNoModelNode || group == 0 ? "" : model.node(group).name,
                        group == check::kNoModelNode || group == 0 ? "in the message" : "",
                        check::cardinality(nodes[i].min, nodes[i].max));
  }
  return text;
}

std::string node_text(const MessageModel& model, std::string_view name) {
  const auto count = model.field_count(name);
  std::string text = fmt::format("**{}**", name);
  if (count) {
    const std::string_view title = hl7::segment_title(name);
    if (!title.empty()) text += fmt::format(" {}", title);
    text += fmt::format("\n\nsegment of {}, {} fields", model.title(), *count);
    if (model.local_segment(name) != nullptr) text += ", declared by the message";
  } else {
    text += fmt::format("\n\ngroup of {}", model.title());
  }
  return text + "\n" + places_text(model, name);
}

/// The path up to the level of the cursor.
ResolvedPath cut(ResolvedPath path, PathLevel level) {
  if (level == PathLevel::field) path.path.component = 0;
  if (level != PathLevel::subcomponent) path.path.subcomponent = 0;
  return path;
}

std::string proof_text(const check::Type& type) {
  if (type.kind == check::TypeKind::error || type.kind == check::TypeKind::segment) return {};
  return fmt::format("\n\n`{}` {}", describe(type),
                     type.list       ? ""
                     : type.optional ? "- may be absent here"
                                     : "- always there at this place");
}

std::string path_text(const View& view, const MessageModel& model, const syntax::PathExpr& path, std::uint32_t offset) {
  for (const syntax::PathNode& node : path.nodes) {
    const std::uint32_t end = node.span.begin + static_cast<std::uint32_t>(node.text.size());
    if (node.span.begin <= offset && offset <= end && (offset < end || path.parts.empty())) return node_text(model, node.text);
  }
  const auto at = view.analysis.facts.paths.find(path.id);
  if (at == view.analysis.facts.paths.end()) {
    return path.nodes.empty() ? std::string() : node_text(model, path.nodes.back().text);
  }
  std::size_t index = 0;
  while (index + 1 < path.parts.size() && path.parts[index].span.end <= offset) ++index;
  if (path.parts.empty()) return {};
  const bool last = index + 1 == path.parts.size();
  const ResolvedPath resolved = cut(at->second, path.level(index));
  const PathParts parts = parts_of(model, resolved);
  const PartInfo* part = parts.last();
  if (part == nullptr) return node_text(model, parts.segment);
  std::string spelled = fmt::format("{}-{}", parts.segment, resolved.path.field);
  if (resolved.path.component != 0) spelled += fmt::format(".{}", resolved.path.component);
  if (resolved.path.subcomponent != 0) spelled += fmt::format(".{}", resolved.path.subcomponent);
  std::string text = fmt::format("**{}** {}\n\n{} - {}", spelled, names_of(parts, " / "), part_text(*part), model.title());
  if (const std::string phi = phi_of(model, resolved); !phi.empty()) text += "\n\n" + phi;
  const auto made = view.analysis.facts.phi.find(path.id);
  if (last && made != view.analysis.facts.phi.end() && !made->second.way.empty())
    text += fmt::format("\n\nholds {}: {}", hl7::label_name(made->second.mark.label), made->second.way);
  const auto type = view.analysis.facts.types.find(path.id);
  if (last && type != view.analysis.facts.types.end()) text += proof_text(type->second);
  if (part->table != 0) text += "\n" + table_codes(model, part->table);
  return text;
}

std::string declaration_text(const View& view, const resolve::Entry& entry) {
  std::string text = fmt::format("```route\n{}\n```", headline(view.analysis, entry));
  if (entry.poisoned) return text;
  if (const std::string docs = docs_of(*entry.declaration); !docs.empty()) text += "\n\n" + docs;
  const check::Context& context = view.analysis.context;
  if (entry.kind == syntax::DeclKind::setting) {
    const auto at = context.settings.find(entry.name);
    if (at != context.settings.end() && at->second.value)
      text += fmt::format("\n\nunless an environment says otherwise: `{}`", *at->second.value);
  }
  if (entry.kind == syntax::DeclKind::table) {
    const auto at = context.tables.find(entry.name);
    if (at != context.tables.end() && !at->second.broken) {
      const check::TableInfo& table = at->second;
      text += fmt::format("\n\n{} rows of `{}`; columns {}", table.rows->rows(), table.file, fmt::join(table.columns, ", "));
      if (table.reload != plan::TableReload::never)
        text += fmt::format("\n\nRead again {}; the plan does not depend on its rows, each message sees one version.",
                            table.reload == plan::TableReload::when_changed ? "when the file changes" : "when told");
    }
  }
  return text;
}

/// A code in quotes: what the table says it means.
std::string code_text(const View& view, Models& models, const Found& found) {
  const auto* literal = found.compared->try_as<syntax::StringExpr>();
  if (literal == nullptr || !literal->is_literal()) return {};
  const auto type = view.analysis.facts.types.find(found.with->id);
  if (type == view.analysis.facts.types.end() || type->second.table == 0) return {};
  const MessageModel& model = models.of(found.compared_around.type);
  const hl7::Table table = model.version().table(type->second.table);
  if (!table) return {};
  const auto meaning = table.meaning(literal->text());
  return fmt::format("`{}` {}\n\ntable {} {}{}", literal->text(), meaning.value_or("is not in the table"),
                     check::table_text(table.number()), table.name(), table.closed() ? ", closed" : "");
}

std::string_view level_name(plan::Level level) {
  switch (level) {
    case plan::Level::identified: return "identified";
    case plan::Level::limited: return "limited";
    case plan::Level::deidentified: return "deidentified";
  }
  return "?";
}

/// What comes in to a step: the type of the message, how far it identifies a person, and where that differs from the standard.
std::string step_text(const View& view, const syntax::Step& step) {
  const check::Facts& facts = view.analysis.facts;
  const auto state = facts.steps.find(step.id);
  if (state == facts.steps.end() || state->second.type.kind == check::MessageType::Kind::error) return {};
  std::string text = fmt::format("comes in: `{}`", describe(state->second.type));
  const auto level = facts.levels.find(step.id);
  if (level == facts.levels.end()) return text;
  text += fmt::format(", {}", level_name(level->second.level));
  for (const auto& [place, fact] : level->second.places)
    text += fmt::format("\n- {} holds {}: {}", place, hl7::label_name(fact.mark.label), fact.way);
  return text;
}

std::string name_text(const View& view, Models& models, const Found& found) {
  const std::string_view text = found.name->text;
  switch (found.role) {
    case Role::declared:
    case Role::used: {
      const resolve::Entry* entry =
          found.role == Role::used ? view.analysis.project.use_of(*found.name) : view.analysis.project.find(text);
      return entry == nullptr ? std::string() : declaration_text(view, *entry);
    }
    case Role::function: return function_text(text);
    case Role::option: return found.place.spec == nullptr ? std::string() : option_text(*found.place.spec);
    case Role::transport: {
      const connectors::ConnectorSpec* spec = connectors::find_connector(text);
      return spec == nullptr ? std::string()
                             : fmt::format("**{}** {}{}", spec->name, spec->doc, spec->built ? "" : "\n\nnot in this version");
    }
    case Role::segment: return node_text(models.of(found.around.type), text);
    case Role::table: {
      const MessageModel& model = models.of(found.around.type);
      const hl7::Table table = model.version().table(check::table_number(text));
      if (!table) return {};
      return fmt::format("**table {}** {}\n{}", check::table_text(table.number()), table.name(),
                         table_codes(model, table.number()));
    }
    case Role::structure: {
      const MessageModel& model = models.of(found.around.type);
      return fmt::format("**{}** structure of HL7 {}", text, model.version().name());
    }
    case Role::phi: {
      const auto mark = hl7::declared_label(text);
      return mark ? phi_text(*mark) : std::string();
    }
    case Role::column:
    case Role::type:
    case Role::format:
    case Role::version:
    case Role::field:
    case Role::datatype:
    case Role::ack:
    case Role::module:
    case Role::metric:
    case Role::method: return {};
  }
  return {};
}

}  // namespace

std::string part_text(const PartInfo& part) {
  std::string text(part.type_name.empty() ? std::string_view("text") : part.type_name);
  if (part.table != 0) text += fmt::format(", table {}", check::table_text(part.table));
  text += ", " + check::cardinality(part.min, part.max);
  if (part.withdrawn) text += ", withdrawn";
  return text;
}

std::string option_text(const connectors::OptionSpec& spec) {
  std::string text = fmt::format("**{}** {}\n\n{}", spec.path, name_of(spec.kind), spec.doc);
  if (!spec.words.empty()) text += fmt::format("\n\none of {}", fmt::join(spec.words, ", "));
  if (!spec.otherwise.empty()) text += fmt::format("\n\nunless said: `{}`", spec.otherwise);
  if (spec.required) text += "\n\nrequired";
  if (!spec.example.empty()) text += fmt::format("\n\n```route\n{}\n```", spec.example);
  return text;
}

std::string function_text(std::string_view name) {
  const builtins::Function* function = builtins::find_function(name);
  if (function == nullptr) return {};
  std::string text = fmt::format("```route\n{}\n```\n\n{}", signature(*function), function->doc);
  if (!function->can_fail.empty()) text += fmt::format("\n\nFails if {}.", function->can_fail);
  if (!function->examples.empty()) text += "\n";
  for (const builtins::Example& example : function->examples)
    text += fmt::format("\n- `{}` gives `{}`", example.call, example.result);
  return text;
}

json::value hover(const View& view, std::uint32_t offset) {
  Models models;
  const Found found = find_at(view, offset);
  std::string text;
  source::Span span;
  if (found.compared != nullptr) {
    text = code_text(view, models, found);
    span = found.compared->span;
  }
  if (text.empty() && found.name != nullptr) {
    text = name_text(view, models, found);
    span = found.name->span;
  }
  if (text.empty() && found.expr != nullptr) {
    span = found.expr->span;
    if (const auto* path = found.expr->try_as<syntax::PathExpr>()) {
      text = path_text(view, models.of(found.around.type), *path, offset);
    } else if (found.expr->kind == ExprKind::name) {
      if (const auto name = name_at(view, offset)) text = declaration_text(view, *name->entry);
    }
  }
  if (text.empty() && found.step != nullptr && found.expr == nullptr && found.name == nullptr) {
    text = step_text(view, *found.step);
    span = found.step->span;
    span.end = std::min(span.end, static_cast<std::uint32_t>(span.begin + view.text(span).find_first_of(" \n")));
  }
  if (text.empty()) return nullptr;
  return json::object{{"contents", markdown(text)}, {"range", to_json(view.range(span))}};
}

}  // namespace smarthl7::lsp

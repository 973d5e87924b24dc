// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/plan_builder.h"

#include <fmt/format.h>

#include <utility>

namespace smarthl7::lower {
namespace {

template <class Item>
Id append(std::vector<Item>& items, Item item) {
  items.push_back(std::move(item));
  return static_cast<Id>(items.size() - 1);
}

std::string key_of(const plan::Path& path) {
  const plan::SegmentRef& segment = path.segment;
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}", segment.frame, segment.group, segment.node, segment.name,
                     static_cast<int>(segment.pick), segment.n, path.field, static_cast<int>(path.repetition),
                     path.repetition_n, path.choice, path.component, path.subcomponent, path.text);
}

}  // namespace

PlanBuilder::PlanBuilder(const check::Context& context) : context_(context), facts_(&context.facts) {
  static_cast<void>(text(""));
}

Id PlanBuilder::text(std::string_view value) {
  const auto [at, added] = strings_.emplace(std::string(value), static_cast<Id>(plan_.strings.size()));
  if (added) plan_.strings.emplace_back(value);
  return at->second;
}

Id PlanBuilder::place(source::Span span) {
  const source::SourceFile& file = context_.sources.get(span);
  const source::Position position = file.position(span.begin);
  const std::string path = context_.from_root(file.path());
  auto at = inputs_.find(path);
  if (at == inputs_.end()) {
    Id input = plan::kNone;
    for (std::size_t i = 0; i < context_.inputs.size(); ++i) {
      if (context_.inputs[i].path == path) input = static_cast<Id>(i);
    }
    at = inputs_.emplace(path, input).first;
  }
  return append(plan_.places, plan::SourcePlace{at->second, position.line, position.column});
}

plan::Range PlanBuilder::list(std::span<const Id> ids) {
  const plan::Range range{static_cast<Id>(plan_.lists.size()), static_cast<Id>(ids.size())};
  plan_.lists.insert(plan_.lists.end(), ids.begin(), ids.end());
  return ids.empty() ? plan::Range{} : range;
}

Id PlanBuilder::builtin(std::string_view name) {
  const auto [at, added] = builtins_.emplace(std::string(name), static_cast<Id>(plan_.builtins.size()));
  if (added) plan_.builtins.push_back(text(name));
  return at->second;
}

Id PlanBuilder::secret(std::string_view name) {
  const auto [at, added] = secrets_.emplace(std::string(name), static_cast<Id>(plan_.secrets.size()));
  if (added) plan_.secrets.push_back(text(name));
  return at->second;
}

Id PlanBuilder::add(plan::Path path) {
  const auto [at, added] = paths_.emplace(key_of(path), static_cast<Id>(plan_.paths.size()));
  if (added) plan_.paths.push_back(path);
  return at->second;
}

Id PlanBuilder::add(plan::Expr expr) { return append(plan_.exprs, std::move(expr)); }
Id PlanBuilder::add(plan::Scope scope) { return append(plan_.scopes, std::move(scope)); }
Id PlanBuilder::add(plan::Statement statement) { return append(plan_.statements, std::move(statement)); }
Id PlanBuilder::add(plan::Arm arm) { return append(plan_.arms, std::move(arm)); }
Id PlanBuilder::add(plan::Step step) { return append(plan_.steps, std::move(step)); }

Id PlanBuilder::id_of(const syntax::Declaration& declaration) const {
  const auto at = ids_.find(&declaration);
  return at == ids_.end() ? plan::kNone : at->second;
}

Id PlanBuilder::id_of_use(const syntax::Node* name) const {
  if (name == nullptr) return plan::kNone;
  const resolve::Entry* entry = context_.project.use_of(*name);
  return entry == nullptr || entry->declaration == nullptr ? plan::kNone : id_of(*entry->declaration);
}

void PlanBuilder::assign_ids(std::span<const syntax::Declaration* const> declarations) {
  for (std::size_t i = 0; i < declarations.size(); ++i) ids_[declarations[i]] = static_cast<Id>(i);
}

}  // namespace smarthl7::lower

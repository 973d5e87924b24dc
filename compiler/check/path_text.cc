// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/path_text.h"

#include <fmt/format.h>

namespace smarthl7::check {

using syntax::IndexKind;

std::string index_text(const syntax::Index& index, const Context& context) {
  if (index.kind == IndexKind::none) return {};
  return std::string(context.text(index.span));
}

diag::Fix insert_at(std::uint32_t offset, source::FileId file, std::string_view text) {
  return diag::replace({file, offset, offset}, std::string(text), fmt::format("write `{}`", text));
}

std::string part_label(const MessageModel& model, std::string_view segment, const PartInfo& part) {
  return fmt::format("{}: {}-{} \"{}\" is {}, {}", model.title(), segment, part.number, part.name, part.type_name,
                     cardinality(part.min, part.max));
}

std::string segment_label(const MessageModel& model, ModelIndex place) {
  const ModelNode& node = model.node(place);
  std::string around;
  for (ModelIndex up = model.group_of(place); up != kNoModelNode && up != 0; up = model.group_of(up)) {
    const ModelNode& group = model.node(up);
    if (!group.repeats()) continue;
    around = fmt::format("{} ({}){}{}", group.name, cardinality(group.min, group.max), around.empty() ? "" : ", ", around);
  }
  std::string label = fmt::format("{}: {} is {}", model.title(), node.name, cardinality(node.min, node.max));
  if (!around.empty()) label += fmt::format(" in {}", around);
  return label;
}

std::string qualified(const MessageModel& model, ModelIndex place) {
  const ModelIndex group = model.group_of(place);
  return group == kNoModelNode ? std::string(model.node(place).name)
                               : fmt::format("{}.{}", model.node(group).name, model.node(place).name);
}

std::string joined(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : std::string_view(", ");
    text += words[i];
  }
  return text;
}

}  // namespace smarthl7::check

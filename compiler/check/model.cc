// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace smarthl7::check {
namespace {

using syntax::MessageItemKind;

/// "run number" of a Z-segment answers to its own name; it is written in lower case already.
PartInfo local_part(const syntax::SegmentField& field, const hl7::Version& version) {
  PartInfo part;
  part.number = static_cast<std::uint16_t>(field.number);
  part.name = field.name != nullptr ? field.name->text : std::string_view{};
  part.type_name = field.type != nullptr ? field.type->text : std::string_view{"ST"};
  part.type = version.datatype(part.type_name);
  part.min = field.required ? 1 : 0;
  part.max = field.repeats ? hl7::kUnbounded : 1;
  return part;
}

template <class F>
void each_item(const syntax::MessageDecl* profile, MessageItemKind kind, F&& f) {
  if (profile == nullptr) return;
  for (const syntax::MessageItem* item : profile->items) {
    if (item->kind == kind) f(*item);
  }
}

}  // namespace

PartInfo part_info(const hl7::Part& part) {
  PartInfo info;
  info.number = part.number();
  info.name = part.name();
  info.type_name = part.type();
  info.type = part.datatype();
  info.min = part.min();
  info.max = part.max();
  info.table = part.table_number();
  info.withdrawn = part.withdrawn();
  if (part.varies()) info.type_name = "varies";
  return info;
}

PartInfo component_info(const hl7::Datatype& type, const hl7::Part& component) {
  PartInfo info = part_info(component);
  if (type.name() == "TS" && info.number == 1) info.type_name = "DTM";
  return info;
}

std::string cardinality(std::uint16_t min, std::uint16_t max) {
  return max == hl7::kUnbounded ? fmt::format("{}..*", min) : fmt::format("{}..{}", min, max);
}

std::string table_text(std::uint16_t table) { return fmt::format("{:04}", table); }

std::uint16_t table_number(std::string_view text) {
  std::uint16_t number = 0;
  if (text.starts_with("HL7")) text.remove_prefix(3);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : std::uint16_t{0};
}

MessageModel::MessageModel(const MessageType& type) : type_(type), version_(type.version) {
  if (!version_) version_ = hl7::newest_version();
  if (open()) return;
  add_standard(type.structure.root(), kNoModelNode);
  if (type.profile != nullptr) add_profile(*type.profile);
}

void MessageModel::add_standard(const hl7::StructureNode& node, ModelIndex parent) {
  const bool in_choice = parent != kNoModelNode && nodes_[parent].kind == hl7::NodeKind::choice;
  ModelNode added;
  added.kind = node.kind();
  added.name = node.name();
  added.min = in_choice ? 0 : node.min();
  added.max = node.max();
  added.parent = parent;
  added.plan_node = node.index();
  if (parent == kNoModelNode) added.min = added.max = 1;
  const auto self = static_cast<ModelIndex>(nodes_.size());
  nodes_.push_back(added);
  if (node.kind() == hl7::NodeKind::segment || node.kind() == hl7::NodeKind::any_segment) return;
  for (hl7::StructureNode child = node.first_child(); child; child = child.next_sibling()) add_standard(child, self);
}

void MessageModel::add_profile(const syntax::MessageDecl& profile) {
  each_item(&profile, MessageItemKind::segment, [this](const syntax::MessageItem& item) {
    const auto& segment = item.as<syntax::SegmentItem>();
    if (segment.name == nullptr || segment.after == nullptr) return;
    const std::optional<ModelIndex> after = find_node(*segment.after);
    if (!after || !node(*after).is_segment()) return;
    nodes_.push_back({.kind = hl7::NodeKind::segment,
                      .name = segment.name->text,
                      .min = static_cast<std::uint16_t>(segment.required ? 1 : 0),
                      .max = segment.repeats ? hl7::kUnbounded : std::uint16_t{1},
                      .parent = nodes_[*after].parent,
                      .plan_node = plan::kNoNode,
                      .local = &segment});
  });
  each_item(&profile, MessageItemKind::one, [this](const syntax::MessageItem& item) {
    const auto& one = item.as<syntax::OneItem>();
    if (one.what == nullptr) return;
    const std::optional<ModelIndex> found = find_node(*one.what);
    if (found && *found != 0) nodes_[*found].min = nodes_[*found].max = 1;
  });
}

std::string MessageModel::title() const {
  return open() ? std::string(version_.name()) : fmt::format("{} {}", version_.name(), type_.structure.name());
}

bool MessageModel::is_below(ModelIndex index, ModelIndex group) const {
  while (index != kNoModelNode) {
    index = nodes_[index].parent;
    if (index == group) return true;
  }
  return false;
}

ModelIndex MessageModel::group_of(ModelIndex index) const {
  do {
    index = nodes_[index].parent;
  } while (index != kNoModelNode && !nodes_[index].is_group());
  return index;
}

bool MessageModel::single_below(ModelIndex index, ModelIndex group) const {
  for (; index != group && index != kNoModelNode; index = nodes_[index].parent) {
    if (nodes_[index].repeats()) return false;
  }
  return true;
}

bool MessageModel::certain_below(ModelIndex index, ModelIndex group) const {
  for (; index != group && index != kNoModelNode; index = nodes_[index].parent) {
    if (nodes_[index].min == 0) return false;
  }
  return true;
}

const syntax::SegmentItem* MessageModel::local_segment(std::string_view name) const {
  const syntax::SegmentItem* found = nullptr;
  each_item(type_.profile, MessageItemKind::segment, [&](const syntax::MessageItem& item) {
    const auto& segment = item.as<syntax::SegmentItem>();
    if (found == nullptr && segment.name != nullptr && segment.name->text == name) found = &segment;
  });
  return found;
}

std::optional<std::uint16_t> MessageModel::field_count(std::string_view segment) const {
  if (const hl7::Segment standard = version_.segment(segment)) return standard.field_count();
  if (const syntax::SegmentItem* local = local_segment(segment)) {
    std::uint32_t most = 0;
    for (const syntax::SegmentField* field : local->fields) most = std::max(most, field->number);
    return static_cast<std::uint16_t>(most);
  }
  return std::nullopt;
}

std::optional<PartInfo> MessageModel::field(std::string_view segment, std::uint32_t number) const {
  if (const hl7::Segment standard = version_.segment(segment)) {
    const hl7::Field found = standard.field(std::size_t{number});
    if (!found) return std::nullopt;
    return part_info(found);
  }
  if (const syntax::SegmentItem* local = local_segment(segment)) {
    for (const syntax::SegmentField* field : local->fields) {
      if (field->number == number) return local_part(*field, version_);
    }
  }
  return std::nullopt;
}

std::optional<PartInfo> MessageModel::field(std::string_view segment, std::string_view name) const {
  if (const hl7::Segment standard = version_.segment(segment)) {
    const hl7::Field found = standard.field(name);
    if (!found) return std::nullopt;
    return part_info(found);
  }
  if (const syntax::SegmentItem* local = local_segment(segment)) {
    for (const syntax::SegmentField* field : local->fields) {
      if (field->name != nullptr && field->name->text == name) return local_part(*field, version_);
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> MessageModel::field_names(std::string_view segment) const {
  std::vector<std::string_view> names;
  if (const hl7::Segment standard = version_.segment(segment)) {
    for (std::size_t i = 1; i <= standard.field_count(); ++i) {
      if (const hl7::Field field = standard.field(i)) names.push_back(field.snake_name());
    }
  } else if (const syntax::SegmentItem* local = local_segment(segment)) {
    for (const syntax::SegmentField* field : local->fields) {
      if (field->name != nullptr) names.push_back(field->name->text);
    }
  }
  return names;
}

bool MessageModel::table_closed(std::uint16_t table) const {
  const hl7::Table found = version_.table(table);
  return found && found.closed() && found.size() > 0;
}

bool MessageModel::table_closed_by_site(std::uint16_t table) const {
  bool closed = false;
  each_item(type_.profile, MessageItemKind::table, [&](const syntax::MessageItem& item) {
    const auto& stated = item.as<syntax::TableItem>();
    closed = closed || (stated.closed && stated.table != nullptr && table_number(stated.table->text) == table);
  });
  return closed;
}

bool MessageModel::table_has_codes(std::uint16_t table) const {
  const hl7::Table found = version_.table(table);
  return found && found.size() > 0;
}

bool MessageModel::table_contains(std::uint16_t table, std::string_view code) const {
  const hl7::Table standard = version_.table(table);
  if (standard && standard.contains(code)) return true;
  const std::vector<std::string_view> codes = table_codes(table);
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::vector<std::string_view> MessageModel::table_codes(std::uint16_t table) const {
  std::vector<std::string_view> codes;
  if (const hl7::Table standard = version_.table(table)) {
    for (std::size_t i = 0; i < standard.size(); ++i) codes.push_back(standard.code(i).code);
  }
  each_item(type_.profile, MessageItemKind::table, [&](const syntax::MessageItem& item) {
    const auto& added = item.as<syntax::TableItem>();
    if (added.table == nullptr || table_number(added.table->text) != table) return;
    for (const syntax::Expr* code : added.adds) {
      if (const auto* text = code->try_as<syntax::StringExpr>(); text != nullptr && text->is_literal())
        codes.push_back(text->text());
    }
  });
  return codes;
}

std::optional<ModelIndex> MessageModel::find_node(const syntax::PathExpr& path) const {
  if (path.nodes.empty() || !path.parts.empty()) return std::nullopt;
  std::optional<ModelIndex> found;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto at = static_cast<ModelIndex>(i);
    if (nodes_[i].name != path.nodes.back().text) continue;
    bool fits = true;
    for (std::size_t word = path.nodes.size() - 1; fits && word-- > 0;) {
      at = group_of(at);
      fits = at != kNoModelNode && nodes_[at].name == path.nodes[word].text;
    }
    if (!fits) continue;
    if (found) return std::nullopt;
    found = static_cast<ModelIndex>(i);
  }
  return found;
}

}  // namespace smarthl7::check

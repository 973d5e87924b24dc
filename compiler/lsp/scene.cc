// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/scene.h"

#include <algorithm>
#include <charconv>

#include "compiler/syntax/scan.h"

namespace smarthl7::lsp {
namespace {

using check::PartInfo;
using syntax::DeclKind;

/// The last step that begins before the offset, of all blocks of a flow.
const syntax::Step* last_step(syntax::List<syntax::Step> steps, std::uint32_t offset) {
  const syntax::Step* found = nullptr;
  const auto look = [&](syntax::List<syntax::Step> list) {
    if (const syntax::Step* inner = last_step(list, offset)) found = inner;
  };
  for (const syntax::Step* step : steps) {
    if (step->span.begin > offset) break;
    found = step;
    if (offset > step->span.end) continue;
    const auto arms = [&](syntax::List<syntax::Arm> list) {
      for (const syntax::Arm* arm : list) look(arm->steps);
    };
    if (const auto* when = step->try_as<syntax::WhenStep>()) arms(when->arms);
    if (const auto* route = step->try_as<syntax::RouteStep>()) arms(route->arms);
    if (const auto* fanout = step->try_as<syntax::FanoutStep>()) arms(fanout->arms);
    if (const auto* branch = step->try_as<syntax::BranchStep>()) look(branch->steps);
  }
  return found;
}

/// One part of a path: its text without the index.
struct Piece {
  char sign = 0;  // 0 for the first, '-' or '.'
  std::string_view text;
};

std::vector<Piece> pieces_of(std::string_view path) {
  std::vector<Piece> pieces;
  Piece piece;
  std::size_t begin = 0;
  std::size_t at = 0;
  const auto close = [&] {
    piece.text = path.substr(begin, at - begin);
    if (const std::size_t bracket = piece.text.find('['); bracket != std::string_view::npos)
      piece.text = piece.text.substr(0, bracket);
    if (piece.sign != 0 || !piece.text.empty()) pieces.push_back(piece);
  };
  std::size_t depth = 0;
  for (; at < path.size(); ++at) {
    if (path[at] == '[') ++depth;
    if (path[at] == ']' && depth > 0) --depth;
    if (depth > 0 || (path[at] != '-' && path[at] != '.')) continue;
    close();
    piece.sign = path[at];
    begin = at + 1;
  }
  close();
  return pieces;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<PartInfo> field_of(const check::MessageModel& model, std::string_view segment, std::string_view text) {
  const auto number = number_of(text);
  return number ? model.field(segment, *number) : model.field(segment, text);
}

std::optional<PartInfo> component_of(const PartInfo& above, std::string_view text) {
  if (!above.type || !above.type.is_composite()) return std::nullopt;
  const auto number = number_of(text);
  const hl7::Component found = number ? above.type.component(std::size_t{*number}) : above.type.component(text);
  if (!found) return std::nullopt;
  return check::part_info(found);
}

bool is_group(const check::MessageModel& model, std::string_view name) {
  return std::ranges::any_of(model.nodes(), [&](const check::ModelNode& node) { return node.is_group() && node.name == name; });
}

/// The scope of `each PID-3 where ...` or `insert NTE after ...`: its path.
std::string_view scope_path(const Block& block) {
  const std::string_view first = block.first_word();
  if (first != "each" && first != "insert") return {};
  const auto words = tokens(block.head);
  return words.size() < 2 ? std::string_view{} : words[1];
}

}  // namespace

Scene::Scene(const View& view, std::uint32_t offset) : spot_(spot_at(view.text(), offset)) {
  for (const syntax::Declaration* declaration : view.tree.declarations) {
    if (declaration->span.begin < offset) declaration_ = declaration;
  }
  if (spot_.blocks.empty() && declaration_ != nullptr && declaration_->span.end < offset) declaration_ = nullptr;
  if (declaration_ != nullptr) find_type(view, offset);
  model_.emplace(type_);
}

void Scene::find_type(const View& view, std::uint32_t offset) {
  type_ = message_type_of(view.analysis, *declaration_);
  const check::Context& context = view.analysis.context;
  const resolve::Project& project = view.analysis.project;
  if (const auto* mapping = declaration_->try_as<syntax::MappingDecl>(); mapping != nullptr && mapping->to != nullptr) {
    // What stands before `=` is written to the other message.
    const auto* to = project.declared<syntax::MessageDecl>(mapping->to);
    if (to != nullptr && spot_.before.find_first_of(" =") == std::string_view::npos) type_ = context.message_type(*to);
  }
  const auto* flow = declaration_->try_as<syntax::FlowDecl>();
  if (flow == nullptr) return;
  const syntax::Step* step = last_step(flow->steps, offset);
  const auto at = view.analysis.facts.steps.find(step == nullptr ? flow->id : step->id);
  if (at != view.analysis.facts.steps.end()) type_ = at->second.type;
  if (step == nullptr || step->span.end >= offset) return;
  // Behind the step: what it gives.
  const syntax::MessageDecl* message = nullptr;
  if (const auto* validate = step->try_as<syntax::ValidateStep>())
    message = project.declared<syntax::MessageDecl>(validate->message);
  if (const auto* map = step->try_as<syntax::MapStep>()) {
    const auto* mapping = project.declared<syntax::MappingDecl>(map->mapping);
    if (mapping != nullptr)
      message = project.declared<syntax::MessageDecl>(mapping->to != nullptr ? mapping->to : mapping->from);
  }
  if (message != nullptr) type_ = context.message_type(*message);
}

std::string_view Scene::kind() const {
  if (spot_.blocks.empty()) return {};
  return spot_.blocks.front().first_word();
}

std::string Scene::current_segment() const {
  for (std::size_t i = spot_.blocks.size(); i-- > 0;) {
    const std::string_view path = scope_path(spot_.blocks[i]);
    if (path.empty()) continue;
    const auto pieces = pieces_of(path);
    std::string segment;
    for (const Piece& piece : pieces) {
      if (piece.sign == '-' || (!piece.text.empty() && syntax::is_lower(piece.text.front()))) break;
      segment = piece.text;
    }
    if (model_->field_count(segment)) return segment;
  }
  return {};
}

std::optional<PartInfo> Scene::current_field() const {
  // `PID-3[.5 == "MR"` counts from the repetition that the bracket chooses among.
  const std::string_view before = spot_.before;
  if (const std::size_t open = before.rfind('[');
      open != std::string_view::npos && before.find(']', open) == std::string_view::npos) {
    const auto end = static_cast<std::uint32_t>(open);
    if (const auto chosen = part(before.substr(word_begin(before, end, 0), open - word_begin(before, end, 0)))) return chosen;
  }
  const auto words = tokens(before);
  if (words.size() >= 3 && words[0] == "each" && words[2] == "where") {
    if (const auto field = part(words[1])) return field;
  }
  if (spot_.blocks.empty()) return std::nullopt;
  for (std::size_t i = spot_.blocks.size(); i-- > 0;) {
    const std::string_view path = scope_path(spot_.blocks[i]);
    if (path.empty()) continue;
    if (path.find('-') == std::string_view::npos) return std::nullopt;
    return part(path);
  }
  return std::nullopt;
}

std::optional<PartInfo> Scene::part(std::string_view path) const {
  const auto pieces = pieces_of(path);
  std::string segment;
  std::optional<PartInfo> part;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (part) {
      part = component_of(*part, piece.text);
      if (!part) return std::nullopt;
    } else if (i == 0 && piece.sign == '.') {
      const auto field = current_field();
      if (!field) return std::nullopt;
      part = component_of(*field, piece.text);
      if (!part) return std::nullopt;
    } else if (piece.sign == '-' || (!piece.text.empty() && syntax::is_lower(piece.text.front()))) {
      part = field_of(*model_, segment.empty() ? current_segment() : segment, piece.text);
      if (!part) return std::nullopt;
    } else {
      segment = piece.text;
    }
  }
  return part;
}

PartialPath Scene::partial(std::string_view text) const {
  PartialPath result;
  const auto pieces = pieces_of(text);
  if (pieces.empty() || (pieces.size() == 1 && pieces.front().sign == 0)) {
    result.partial = text;
    return result;
  }
  const Piece& last = pieces.back();
  result.partial = last.text;
  const std::string_view front = text.substr(0, static_cast<std::size_t>(last.text.data() - text.data()) - 1);
  result.due = PartialPath::Due::nothing;
  if (last.sign == '-') {
    const std::size_t dot = front.rfind('.');
    result.segment = front.empty() ? current_segment() : std::string(front.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (const std::size_t bracket = result.segment.find('['); bracket != std::string::npos) result.segment.resize(bracket);
    if (model_->field_count(result.segment)) result.due = PartialPath::Due::field;
    return result;
  }
  const auto above = front.empty() ? current_field() : part(front);
  if (above) {
    result.above = above;
    if (above->type && above->type.is_composite()) result.due = PartialPath::Due::component;
    return result;
  }
  // `PID.` begins a field by name, `GROUP.` a segment of the group.
  if (pieces.size() < 2 || front.empty() || !syntax::is_upper(front.front())) return result;
  const std::string name(pieces[pieces.size() - 2].text);
  if (model_->field_count(name)) {
    result.due = PartialPath::Due::field;
    result.by_name = true;
    result.segment = name;
  } else if (is_group(*model_, name)) {
    result.due = PartialPath::Due::node;
    result.group = name;
  }
  return result;
}

}  // namespace smarthl7::lsp

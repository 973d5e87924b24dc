// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "compiler/lsp/completer.h"
#include "compiler/lsp/features.h"
#include "compiler/lsp/uri.h"
#include "stdlib/builtins/all.h"

namespace smarthl7::lsp {

using check::PartInfo;
using syntax::DeclKind;

namespace {

constexpr std::size_t kMostCodes = 400;
constexpr std::size_t kMostFiles = 400;

bool is_comparison(std::string_view word) { return word == "==" || word == "!="; }

bool is_path(std::string_view word) {
  return !word.empty() && (word.front() == '.' || word.front() == '-' || (word.front() >= 'A' && word.front() <= 'Z'));
}

}  // namespace

void Completer::path(const PartialPath& partial) {
  switch (partial.due) {
    case PartialPath::Due::node: return nodes(partial.group);
    case PartialPath::Due::field: return fields(partial.segment, partial.by_name);
    case PartialPath::Due::component: return components(*partial.above);
    case PartialPath::Due::word:
    case PartialPath::Due::nothing: return;
  }
}

/// Segments and groups: of the whole message, or those of a group.
void Completer::nodes(std::string_view group) {
  const check::MessageModel& model = scene_.model();
  std::set<std::string_view> seen;
  const auto offer = [&](std::string_view name, bool is_group, std::string place) {
    if (name.empty() || !seen.insert(name).second) return;
    std::string detail(is_group ? std::string_view("group") : hl7::segment_title(name));
    if (!place.empty()) detail += fmt::format("{}{}", detail.empty() ? "" : ", ", place);
    add({.label = name,
         .kind = is_group ? Offer::struct_ : Offer::class_,
         .detail = std::move(detail),
         .sort = fmt::format("3{}", name)});
  };
  const auto nodes = model.nodes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    const auto parent = model.group_of(static_cast<check::ModelIndex>(i));
    if (!group.empty() && (parent == check::kNoModelNode || nodes[parent].name != group)) continue;
    offer(nodes[i].name, nodes[i].is_group(), check::cardinality(nodes[i].min, nodes[i].max));
  }
  if (!model.open()) return;
  const hl7::Version version = model.version();
  for (std::size_t i = 0; i < version.segment_count(); ++i) offer(version.segment_at(i).name(), false, {});
}

void Completer::fields(std::string_view segment, bool by_name) {
  const check::MessageModel& model = scene_.model();
  const std::uint16_t count = model.field_count(segment).value_or(0);
  if (by_name) {
    for (const std::string_view name : model.field_names(segment)) {
      const auto field = model.field(segment, name);
      add({.label = name,
           .kind = Offer::field,
           .detail = field ? fmt::format("{}-{} {}", segment, field->number, part_text(*field)) : std::string()});
    }
    return;
  }
  for (std::uint32_t i = 1; i <= count; ++i) {
    const auto field = model.field(segment, i);
    if (!field || field->withdrawn) continue;
    const std::string number = std::to_string(i);
    add({.label = number,
         .kind = Offer::field,
         .detail = fmt::format("{} {}", field->name, part_text(*field)),
         .filter = fmt::format("{} {}", number, field->name),
         .sort = fmt::format("{:03}", i)});
  }
}

void Completer::components(const PartInfo& above) {
  const bool by_name = !scene_.partial(word_).partial.empty() && !(word_.back() >= '0' && word_.back() <= '9');
  for (std::size_t i = 1; i <= above.type.component_count(); ++i) {
    const hl7::Component component = above.type.component(i);
    const PartInfo part = check::part_info(component);
    if (part.withdrawn) continue;
    const std::string number = std::to_string(i);
    const std::string detail = fmt::format("{} {}", part.name, part_text(part));
    if (by_name) {
      add({.label = component.snake_name(),
           .kind = Offer::field,
           .detail = fmt::format(".{} {}", number, part_text(part)),
           .sort = fmt::format("{:03}", i)});
    } else {
      add({.label = number,
           .kind = Offer::field,
           .detail = detail,
           .filter = fmt::format("{} {}", number, part.name),
           .sort = fmt::format("{:03}", i)});
    }
  }
}

void Completer::expression() {
  for (const builtins::Function* function : builtins::all_functions()) {
    add({.label = function->name,
         .kind = Offer::function,
         .detail = signature(*function),
         .documentation = function_text(function->name),
         .insert = fmt::format("{}($0)", function->name),
         .snippet = true,
         .sort = fmt::format("2{}", function->name)});
  }
  names({DeclKind::setting, DeclKind::table});
  nodes({});
  words(syntax::operator_words());
  words(std::array<std::string_view, 3>{"true", "false", "else"});
}

/// After a comparison or `in`: what fits the left side.
bool Completer::after_operator() {
  const std::size_t count = before_.size();
  if (count < 2) return false;
  const std::string_view last = before_.back();
  const bool in = last == "in" || last == "(";
  if (!is_comparison(last) && !in) return false;
  const std::string_view left =
      last == "(" && count > 2 && before_[count - 2] == "in" ? before_[count - 3] : before_[count - 2];
  if (last == "(" && (count < 3 || before_[count - 2] != "in")) return false;
  if (is_path(left)) codes(left);
  if (last == "in") names({DeclKind::table});
  if (!in) expression();
  return true;
}

/// The codes of a coded field, with quotes unless the cursor stands in them.
void Completer::codes(std::string_view path) {
  const auto part = scene_.part(path);
  if (!part) return;
  const check::MessageModel& model = scene_.model();
  PartInfo coded = *part;
  // A composite means its first part.
  for (int depth = 0; depth < 2 && coded.table == 0 && coded.type && coded.type.is_composite(); ++depth)
    coded = check::part_info(coded.type.component(std::size_t{1}));
  if (coded.table == 0) return;
  const bool quoted = scene_.spot().string;
  const hl7::Table table = model.version().table(coded.table);
  std::size_t shown = 0;
  for (const std::string_view code : model.table_codes(coded.table)) {
    if (++shown > kMostCodes) break;
    const std::string label = quoted ? std::string(code) : fmt::format("\"{}\"", code);
    std::string meaning(table ? table.meaning(code).value_or("") : "");
    add({.label = label,
         .kind = Offer::enum_member,
         .detail = std::move(meaning),
         .documentation = table ? fmt::format("table {} {}", check::table_text(coded.table), table.name()) : std::string(),
         .filter = fmt::format("{} {}", label, table ? table.meaning(code).value_or("") : ""),
         .sort = fmt::format("0{:04}", shown)});
  }
}

void Completer::files(std::string_view extension) {
  const std::string folder = folder_of(view_.tree.source->path());
  const std::uint32_t from = scene_.spot().string_begin + 1;
  const std::string_view written = view_.text().substr(from, offset_ - from);
  const std::size_t slash = written.rfind('/');
  const std::string below = slash == std::string_view::npos ? std::string() : std::string(written.substr(0, slash + 1));
  replace_ = from + static_cast<std::uint32_t>(below.size());
  std::error_code error;
  std::size_t shown = 0;
  std::filesystem::directory_iterator at(std::filesystem::path(folder) / below, error);
  for (const std::filesystem::directory_iterator end; !error && at != end && shown < kMostFiles; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code unknown;
    const bool is_folder = at->is_directory(unknown);
    if (name.starts_with('.') || (!is_folder && !extension.empty() && !name.ends_with(extension))) continue;
    const std::string label = is_folder ? name + "/" : name;
    add({.label = label, .kind = Offer::file});
    ++shown;
  }
}

void Completer::in_string() {
  const Spot& spot = scene_.spot();
  const auto words = tokens(view_.text().substr(spot.item, spot.string_begin - spot.item));
  replace_ = spot.string_begin + 1;
  const std::string_view last = words.empty() ? std::string_view{} : words.back();
  const std::size_t count = words.size();
  if (last == "file" || last == "csv") return files(last == "csv" ? ".csv" : "");
  if (last == "xslt" || last == "jolt" || last == "javascript") return files({});
  // An arm of a route: the values of what it looks at.
  if (!spot.blocks.empty() && spot.blocks.back().first_word() == "route" && (words.empty() || last == ",")) {
    const auto head = tokens(spot.blocks.back().head);
    if (head.size() > 1) codes(head[1]);
    return;
  }
  if (count >= 2 && (is_comparison(last) || last == "=")) return codes(words[count - 2]);
  // `PATH in "A", "B` and `PATH in ("A", "B`.
  for (std::size_t i = count; i-- > 1;) {
    const std::string_view word = words[i];
    if (word == "in") return codes(words[i - 1]);
    if (word != "," && word != "(" && !word.starts_with('"')) return;
  }
}

}  // namespace smarthl7::lsp

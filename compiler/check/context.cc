// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/context.h"

#include <algorithm>

namespace smarthl7::check {
namespace {

/// "a/./b/../c" -> "a/c", without asking the file system.
std::string normal(std::string_view path) {
  std::vector<std::string_view> parts;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else
      parts.push_back(part);
  }
  std::string result = absolute ? "/" : "";
  for (const std::string_view part : parts) {
    if (!result.empty() && result.back() != '/') result += '/';
    result += part;
  }
  return result;
}

}  // namespace

std::optional<std::size_t> TableInfo::column(std::string_view name) const {
  if (columns.size() <= keys) return std::nullopt;
  if (name.empty()) return keys;
  const auto at = std::find(columns.begin() + static_cast<std::ptrdiff_t>(keys), columns.end(), name);
  if (at == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns.begin());
}

bool TableInfo::contains(std::string_view key) const { return rows != nullptr && rows->find(key).has_value(); }

bool TableInfo::may_be_empty(std::size_t column) const {
  if (reload != plan::TableReload::never)
    return column < columns.size() && std::ranges::find(optional, columns[column]) != optional.end();
  return rows != nullptr && rows->has_holes(static_cast<std::uint32_t>(column));
}

const TableInfo* Context::table(const syntax::Name& name) const {
  const auto* declaration = project.declared<syntax::TableDecl>(&name);
  if (declaration == nullptr) return nullptr;
  const auto at = tables.find(name.text);
  return at == tables.end() ? nullptr : &at->second;
}

MessageType Context::message_type(const syntax::MessageDecl& message) const {
  const auto at = facts.messages.find(message.id);
  if (at != facts.messages.end()) return at->second;
  MessageType unknown;
  unknown.kind = MessageType::Kind::error;
  return unknown;
}

std::string Context::path_of(source::Span at, std::string_view file) const {
  if (file.starts_with('/')) return normal(file);
  const std::string& route = sources.get(at).path();
  const std::size_t slash = route.rfind('/');
  if (slash == std::string::npos) return normal(file);
  return normal(route.substr(0, slash + 1) + std::string(file));
}

std::string Context::from_root(std::string_view path) const {
  const std::string root = normal(files.root);
  const std::string whole = normal(path);
  if (!root.empty() && root != "/" && whole.starts_with(root + "/")) return whole.substr(root.size() + 1);
  return whole;
}

}  // namespace smarthl7::check

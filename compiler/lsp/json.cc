// SPDX-License-Identifier: Apache-2.0
#include "compiler/lsp/json.h"

#include <algorithm>
#include <limits>

namespace smarthl7::lsp {

json::object to_json(Position position) { return {{"line", position.line}, {"character", position.character}}; }
json::object to_json(Range range) { return {{"start", to_json(range.start)}, {"end", to_json(range.end)}}; }
json::string to_json(std::string_view text) { return json::string(text.data(), text.size()); }
json::object location(std::string_view uri, Range range) { return {{"uri", to_json(uri)}, {"range", to_json(range)}}; }
json::object text_edit(Range range, std::string_view text) { return {{"range", to_json(range)}, {"newText", to_json(text)}}; }
json::object markdown(std::string_view text) { return {{"kind", "markdown"}, {"value", to_json(text)}}; }

const json::value* member(const json::value& value, std::string_view path) {
  const json::value* at = &value;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string_view text_at(const json::value& value, std::string_view path) {
  const json::value* at = member(value, path);
  if (at == nullptr || !at->is_string()) return {};
  return {at->get_string().data(), at->get_string().size()};
}

bool flag_at(const json::value& value, std::string_view path) {
  const json::value* at = member(value, path);
  return at != nullptr && at->is_bool() && at->get_bool();
}

std::optional<std::int64_t> number_at(const json::value& value, std::string_view path) {
  const json::value* at = member(value, path);
  if (at == nullptr) return std::nullopt;
  if (at->is_int64()) return at->get_int64();
  if (at->is_uint64()) return std::numeric_limits<std::int64_t>::max();  // larger than any that is meant
  return std::nullopt;
}

std::optional<Position> position_at(const json::value& value, std::string_view path) {
  const json::value* at = member(value, path);
  if (at == nullptr) return std::nullopt;
  const auto line = number_at(*at, "line");
  const auto character = number_at(*at, "character");
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (!line || !character || *line < 0 || *character < 0) return std::nullopt;
  return Position{static_cast<std::uint32_t>(std::min(*line, kMost)), static_cast<std::uint32_t>(std::min(*character, kMost))};
}

std::optional<Range> range_at(const json::value& value, std::string_view path) {
  const json::value* at = member(value, path);
  if (at == nullptr) return std::nullopt;
  const auto start = position_at(*at, "start");
  const auto end = position_at(*at, "end");
  if (!start || !end) return std::nullopt;
  return Range{*start, *end};
}

}  // namespace smarthl7::lsp

// SPDX-License-Identifier: Apache-2.0
#include "runtime/transport/folder/naming.h"

#include <charconv>

#include "stdlib/base/digest.h"
#include "stdlib/hl7/batch.h"

namespace smarthl7::transport::folder {

namespace {

constexpr std::size_t kMostName = 180;  // of 255: numbers, `.reason`, `.ack` and what a server adds have room
constexpr std::size_t kMostEnding = 16;

/// FHS-n and BHS-n count as MSH-n does.
std::string_view field_of(std::string_view line, int number) {
  if (line.size() < 4) return {};
  const char separator = line[3];
  for (int i = 1; i < number; ++i) {
    const auto at = line.find(separator);
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + 1);
  }
  return line.substr(0, line.find(separator));
}

std::string_view line_at(std::string_view text, std::size_t at) {
  text.remove_prefix(at);
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string_view header_of(std::string_view message, bool batch) {
  if (!batch) {
    const auto at = message.find("MSH");
    return at == std::string_view::npos ? std::string_view() : line_at(message, at);
  }
  const std::string_view beginning = message.substr(0, message.find("MSH"));
  const auto at = beginning.find("BHS");
  return line_at(message, at == std::string_view::npos ? beginning.find("FHS") : at);
}

std::string_view value_of(std::string_view message, int field, int component) {
  const bool batch = hl7::begins_batch(message);
  if (batch && field > 7) {
    if (field != 10) return {};
    field = 11;  // BHS-11 is the batch's control id
  }
  const std::string_view header = header_of(message, batch);
  std::string_view value = field_of(header, field);
  if (component == 0) return value;
  const std::string_view delimiters = field_of(header, 2);
  const char mark = delimiters.empty() ? '^' : delimiters.front();
  for (int i = 1; i < component; ++i) {
    const auto at = value.find(mark);
    if (at == std::string_view::npos) return {};
    value.remove_prefix(at + 1);
  }
  return value.substr(0, value.find(mark));
}

bool is_plain(char c) {
  const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return letter || c == '.' || c == '_' || c == '-' || c == '+' || static_cast<unsigned char>(c) >= 0x80;
}

void add_safe(std::string& name, std::string_view value) {
  for (const char c : value) name += is_plain(c) ? c : '_';
}

/// What was too long keeps its beginning and its ending, and a mark of what it was.
std::string shortened(std::string name) {
  if (name.size() <= kMostName) return name;
  const Hash128 hash = keyed_hash(HashKey{}, name);
  const std::string mark = "~" + to_hex(std::string_view(reinterpret_cast<const char*>(&hash), 8));
  const auto dot = name.rfind('.');
  const std::string ending = dot == std::string::npos || name.size() - dot > kMostEnding ? "" : name.substr(dot);
  std::size_t end = kMostName - mark.size() - ending.size();
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end) + mark + ending;
}

}  // namespace

Result<Naming> Naming::parse(std::string_view text) {
  Naming naming;
  const auto bad = [&] { return fail(ErrorCode::invalid, "a file name takes fields of MSH, as in {MSH-10}"); };
  const auto number = [](std::string_view& rest, int& into) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), into);
    if (error != std::errc() || into < 1) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
  };
  while (!text.empty()) {
    const auto open = text.find('{');
    if (open != 0) {
      naming.parts_.push_back({std::string(text.substr(0, open)), 0, 0});
      text.remove_prefix(std::min(open, text.size()));
      continue;
    }
    const auto close = text.find('}');
    if (close == std::string_view::npos || !text.starts_with("{MSH-")) return bad();
    std::string_view inner = text.substr(5, close - 5);
    text.remove_prefix(close + 1);
    Part part;
    if (!number(inner, part.field)) return bad();
    if (inner.starts_with('.')) {
      inner.remove_prefix(1);
      if (!number(inner, part.component)) return bad();
    }
    if (inner.starts_with('|'))
      part.text = inner.substr(1);
    else if (!inner.empty())
      return bad();
    naming.parts_.push_back(std::move(part));
  }
  if (naming.parts_.empty()) return bad();
  return naming;
}

std::string Naming::name_for(std::string_view message) const {
  std::string name;
  for (const Part& part : parts_) {
    if (part.field == 0) {
      name += part.text;
      continue;
    }
    const std::string_view value = value_of(message, part.field, part.component);
    add_safe(name, value.empty() || value == "\"\"" ? std::string_view(part.text) : value);
  }
  for (char& c : name)
    if (c == '/' || c == '\0' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
  if (name.empty() || name.front() == '.') name.insert(0, 1, '_');
  return shortened(std::move(name));
}

std::pair<std::string, std::string> split_path(std::string_view path) {
  // A slash that stands for an absent field belongs to the name.
  std::size_t cut = 0;
  for (std::size_t i = 0; i < path.size() && path[i] != '{'; ++i)
    if (path[i] == '/') cut = i + 1;
  return {cut == 0 ? "." : std::string(path.substr(0, cut)), std::string(path.substr(cut))};
}

}  // namespace smarthl7::transport::folder

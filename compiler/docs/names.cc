// SPDX-License-Identifier: Apache-2.0
#include "compiler/docs/names.h"

#include <vector>

namespace smarthl7::docs {
namespace {

/// "PID-5[.1 == "x"].1.1" without what stands in brackets.
std::string without_indices(std::string_view path) {
  std::string out;
  int depth = 0;
  for (const char c : path) {
    if (c == '[') ++depth;
    if (depth == 0) out += c;
    if (c == ']') --depth;
  }
  return out;
}

std::string joined(std::string text, std::string_view more) {
  if (more.empty()) return text;
  if (!text.empty()) text += ", ";
  return text.append(more);
}

}  // namespace

std::string names_of(hl7::Version version, std::string_view path) {
  std::string plain = without_indices(path);
  if (const std::size_t group = plain.find_last_of('.'); plain.find('-') != std::string::npos && group < plain.find('-'))
    plain = plain.substr(group + 1);  // GROUP.SEG-1
  const std::size_t dash = plain.find('-');
  const std::string segment_name = plain.substr(0, dash);
  if (dash == std::string::npos) return std::string(hl7::segment_title(segment_name));
  std::vector<std::size_t> numbers;
  std::size_t value = 0;
  bool digits = false;
  for (std::size_t i = dash + 1; i <= plain.size(); ++i) {
    const char c = i < plain.size() ? plain[i] : '.';
    if (c >= '0' && c <= '9') {
      value = value * 10 + static_cast<std::size_t>(c - '0');
      digits = true;
    } else if (c == '.' && digits) {
      numbers.push_back(value);
      value = 0;
      digits = false;
    } else {
      return {};
    }
  }
  const hl7::Segment segment = version.segment(segment_name);
  if (!segment || numbers.empty()) return {};
  hl7::Part part = segment.field(numbers.front());
  std::string names;
  for (std::size_t i = 0;; ++i) {
    if (!part) return names;
    names = joined(std::move(names), part.name());
    if (i + 1 >= numbers.size()) return names;
    const hl7::Datatype type = part.datatype();
    if (!type) return names;
    part = type.component(numbers[i + 1]);
  }
}

}  // namespace smarthl7::docs

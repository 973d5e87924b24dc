// SPDX-License-Identifier: Apache-2.0
// For tests only: golden files that hold an input and what is expected of it.
// A file is `=== TITLE`, the input, `=== expect`, the expectation. With SMARTHL7_UPDATE_GOLDEN=1 the expectation is
// rewritten instead of compared. Reads and writes files; throws what the standard library throws.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace smarthl7::golden {

struct Case {
  std::filesystem::path path;
  std::string title;
  std::string input;
  std::string expected;
};

inline Case read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream buffer;
  buffer << in.rdbuf();
  const std::string text = buffer.str();
  const std::size_t title_end = text.find('\n');
  const std::size_t mark = text.find("\n=== expect\n");
  if (!text.starts_with("=== ") || mark == std::string::npos) throw std::runtime_error(path.string() + " is not a golden file");
  const std::size_t body = mark + std::string_view("\n=== expect\n").size();
  return {path, text.substr(4, title_end - 4), text.substr(title_end + 1, mark - title_end), text.substr(body)};
}

/// All cases of a folder, by name.
inline std::vector<Case> read_all(const std::filesystem::path& folder) {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".golden") cases.push_back(read(entry.path()));
  }
  std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.path < b.path; });
  return cases;
}

inline bool updating() { return std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr; }

/// The expectation to compare with; when updating, writes `actual` and returns it.
inline std::string expectation(const Case& one, const std::string& actual) {
  if (!updating()) return one.expected;
  std::ofstream(one.path, std::ios::binary) << "=== " << one.title << '\n' << one.input << "=== expect\n" << actual;
  return actual;
}

}  // namespace smarthl7::golden

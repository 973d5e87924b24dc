// SPDX-License-Identifier: Apache-2.0
// Writes the generated files of editors/ below FOLDER, or with --check says which of those there differ.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "editors/generator/lists.h"

int main(int argc, char** argv) {
  using namespace smarthl7::editors;
  if (argc < 2 || argc > 3 || (argc == 3 && std::string_view(argv[2]) != "--check")) {
    std::cerr << "usage: editor_files FOLDER [--check]\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const std::pair<const char*, std::string> files[] = {{"textmate/route.tmLanguage.json", textmate_grammar()},
                                                       {"vim/syntax/route.vim", vim_syntax()}};
  int code = 0;
  for (const auto& [name, text] : files) {
    if (argc == 2) {
      std::ofstream out(folder / name, std::ios::binary);
      out << text;
      out.close();
      if (!out) {
        std::cerr << (folder / name).string() << ": cannot be written\n";
        code = 3;
      }
      continue;
    }
    std::ifstream in(folder / name, std::ios::binary);
    const std::string there{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (there == text) continue;
    std::cerr << "editors/" << name
              << " is not what the code's lists give; write it anew with the target editor_files_update\n";
    code = 1;
  }
  return code;
}

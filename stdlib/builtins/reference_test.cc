// SPDX-License-Identifier: Apache-2.0
// docs/stdlib is what the program says of its functions, page for page; SMARTHL7_UPDATE_GOLDEN=1 writes it.
#include "stdlib/builtins/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(SMARTHL7_SOURCE_DIR) / "docs" / "stdlib";

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Reference, StandsInDocs) {
  const bool update = std::getenv("SMARTHL7_UPDATE_GOLDEN") != nullptr;
  std::set<std::string> files;
  for (const Page& page : reference_pages()) {
    files.insert(page.file);
    if (update) {
      fs::create_directories(kFolder);
      std::ofstream(kFolder / page.file, std::ios::binary) << page.text;
    }
    EXPECT_EQ(read(kFolder / page.file), page.text) << page.file << ": SMARTHL7_UPDATE_GOLDEN=1 writes it anew";
  }
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    EXPECT_TRUE(files.contains(entry.path().filename().string())) << entry.path() << " is no page of the reference";
  }
}

TEST(Reference, HasEveryFunctionOnOnePage) {
  for (const Function* function : all_functions()) {
    const std::string heading = "\n## " + std::string(function->name) + "\n";
    int pages = 0;
    for (const Page& page : reference_pages()) pages += page.text.find(heading) != std::string::npos ? 1 : 0;
    EXPECT_EQ(pages, 1) << function->name;
  }
}

}  // namespace
}  // namespace smarthl7::builtins

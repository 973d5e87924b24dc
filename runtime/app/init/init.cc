// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/init/init.h"

#include <filesystem>
#include <fstream>
#include <string_view>

namespace smarthl7::app::init {
namespace {

struct Template {
  std::string_view name;
  std::string_view text;
};
constexpr Template kTemplates[] = {
#include "runtime/app/init/template.inc"
};

/// Where a template goes: some have names that would mean something in this very repository.
std::string place_of(std::string_view name) {
  if (name == "README") return "README.md";
  if (name == "facilities") return "facilities.csv";
  if (name == "gitignore") return ".gitignore";
  if (name == "result") return "messages/result.hl7";
  if (name == "routes") return ".github/workflows/routes.yml";
  return std::string(name) + ".route";
}

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

std::vector<File> project_files(std::uint16_t hub_port, std::uint16_t receiver_port) {
  std::vector<File> files;
  for (const Template& one : kTemplates) {
    File file{place_of(one.name), std::string(one.text)};
    replace_all(file.text, "@HUB_PORT@", std::to_string(hub_port));
    replace_all(file.text, "@RECEIVER_PORT@", std::to_string(receiver_port));
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<std::string> next_commands(std::uint16_t hub_port, std::uint16_t receiver_port) {
  return {"smarthl7 listen mllp://127.0.0.1:" + std::to_string(receiver_port) + " --out received &", "smarthl7 run . &",
          "smarthl7 send messages/result.hl7 --to mllp://127.0.0.1:" + std::to_string(hub_port) + " --resend 10"};
}

Result<void> write_project(const std::string& folder, const std::vector<File>& files) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root(folder);
  for (const File& file : files) {
    if (fs::exists(fs::symlink_status(root / file.path, error)))
      return fail(ErrorCode::exists,
                  "`" + (root / file.path).lexically_normal().string() + "` is there already; nothing was written");
  }
  for (const File& file : files) {
    const fs::path path = root / file.path;
    fs::create_directories(path.parent_path(), error);
    if (error)
      return fail(ErrorCode::io, "the folder `" + path.parent_path().string() + "` cannot be made: " + error.message());
    std::ofstream out(path, std::ios::binary);
    out << file.text;
    out.close();
    if (!out) return fail(ErrorCode::io, "`" + path.string() + "` cannot be written");
  }
  return {};
}

}  // namespace smarthl7::app::init

// SPDX-License-Identifier: Apache-2.0
#include "runtime/app/commands/plan_input.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "compiler/plan/plan_file.h"
#include "runtime/app/commands/commands.h"

namespace smarthl7::app {
namespace {

std::unexpected<int> complain(const std::string& text) {
  std::cerr << "smarthl7: " << text << "\n";
  return std::unexpected(kEnvironment);
}

std::expected<PlanInput, int> from_bytes(const std::string& bytes, std::string folder, const std::string& name) {
  auto read = plan::read_plan(bytes);
  if (!read) return complain(name + ": " + read.error().describe());
  const Sha256 digest = plan::plan_digest(*read);
  return PlanInput{std::move(*read), digest, std::move(folder)};
}

bool is_route_input(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) || path.ends_with(".route");
}

}  // namespace

std::expected<PlanInput, int> load_plan(const std::vector<std::string>& paths, const std::string& environment) {
  if (paths.size() == 1 && !is_route_input(paths.front())) {
    std::ifstream in(paths.front(), std::ios::binary);
    if (!in) return complain("cannot read the plan `" + paths.front() + "`");
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    return from_bytes(bytes, std::filesystem::path(paths.front()).parent_path().string(), paths.front());
  }
  driver::Options how;
  how.environment = environment;
  auto compilation = driver::compile_project(paths, how);
  if (!compilation) return complain(compilation.error().describe());
  print_diagnostics(*compilation, std::cerr, ::isatty(STDERR_FILENO) != 0);
  if (!compilation->plan) return std::unexpected(kFindings);
  return from_bytes(plan::write_plan(*compilation->plan), compilation->root, "the compiled plan");
}

}  // namespace smarthl7::app

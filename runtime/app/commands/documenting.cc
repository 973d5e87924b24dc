// SPDX-License-Identifier: Apache-2.0
// docs: the interface specification of a project, as HTML and Markdown, with the picture of each flow.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "compiler/docs/specification.h"
#include "compiler/docs/svg.h"
#include "compiler/driver/analysis.h"
#include "compiler/driver/driver.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/commands/write_file.h"

namespace smarthl7::app {
namespace {

namespace fs = std::filesystem;

int complain(const Error& error) {
  std::cerr << "smarthl7: " << error.describe() << "\n";
  return kEnvironment;
}

/// "regional-lab" of a folder, "lab" of a file: what the document is called unless it is told.
std::string title_of(const std::vector<std::string>& paths) {
  std::error_code error;
  fs::path first = fs::weakly_canonical(paths.front(), error);
  return "Interfaces of " + (error ? paths.front() : first.stem().string());
}

}  // namespace

int document(const DocsOptions& options) {
  const auto compilation = driver::compile_project(options.paths);
  if (!compilation) return complain(compilation.error());
  print_diagnostics(*compilation, std::cerr, ::isatty(STDERR_FILENO) != 0);
  if (!compilation->plan) return kFindings;
  const auto names = driver::route_files(options.paths);
  if (!names) return complain(names.error());
  std::vector<driver::Analyzer::TextView> texts;
  for (source::FileId id = 0; id < compilation->sources->size(); ++id) {
    const source::SourceFile& file = compilation->sources->get(id);
    if (std::find(names->begin(), names->end(), file.path()) != names->end()) texts.emplace_back(file.path(), file.bytes());
  }
  driver::Analyzer analyzer;
  const auto analysis = analyzer.analyze(texts, driver::files_of(compilation->root));
  const docs::Document document =
      docs::specification({analysis->sources, analysis->project, analysis->facts, *compilation->plan},
                          options.title.empty() ? title_of(options.paths) : options.title);
  std::error_code error;
  fs::create_directories(options.output, error);
  if (error) {
    std::cerr << "smarthl7: " << options.output << ": " << error.message() << "\n";
    return kEnvironment;
  }
  const auto write = [&](const std::string& name, const std::string& text) {
    const std::string path = (fs::path(options.output) / name).string();
    if (const auto written = write_file(path, text); !written) return complain(written.error());
    std::cout << path << "\n";
    return kFine;
  };
  if (const int code = write("index.html", docs::html(document)); code != kFine) return code;
  if (const int code = write("interfaces.md", docs::markdown(document)); code != kFine) return code;
  for (const docs::Panel& panel : docs::picture(*compilation->plan)) {
    if (const int code = write(panel.flow + ".svg", docs::svg(std::span(&panel, 1))); code != kFine) return code;
  }
  return kFine;
}

}  // namespace smarthl7::app

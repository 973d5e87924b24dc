// SPDX-License-Identifier: Apache-2.0
// check, fmt, compile, explain: what works on route files.
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "compiler/diag/github.h"
#include "compiler/diag/render.h"
#include "compiler/diag/sarif.h"
#include "compiler/driver/driver.h"
#include "compiler/format/format.h"
#include "compiler/plan/plan_file.h"
#include "compiler/syntax/parser.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/commands/write_file.h"
#include "runtime/env/real/real.h"
#include "stdlib/base/digest.h"

namespace smarthl7::app {
namespace {

constexpr int kMostFixRounds = 10;

int complain(const Error& error) {
  std::cerr << "smarthl7: " << error.describe() << "\n";
  return kEnvironment;
}

std::string count(std::size_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

/// Applies the first fix of every diagnostic, file by file. Returns how many files changed.
Result<std::size_t> write_fixes(const driver::Compilation& compilation) {
  const auto fixes = diag::first_fixes(compilation.diagnostics);
  std::size_t changed = 0;
  for (std::size_t id = 0; id < compilation.sources->size(); ++id) {
    const auto& file = compilation.sources->get(static_cast<source::FileId>(id));
    const std::string fixed = diag::apply_fixes(file, fixes);
    if (fixed == file.bytes()) continue;
    TRY_VOID(write_file(file.path(), fixed));
    std::cerr << "fixed " << file.path() << "\n";
    ++changed;
  }
  return changed;
}

}  // namespace

void print_diagnostics(const driver::Compilation& compilation, std::ostream& out, bool terminal) {
  for (const auto& diagnostic : compilation.diagnostics)
    out << diag::render_human(diagnostic, *compilation.sources, terminal ? diag::Colours::yes : diag::Colours::no) << "\n";
  if (!compilation.diagnostics.empty())
    out << count(compilation.errors, "error") << ", " << count(compilation.warnings, "warning")
        << (compilation.silenced.empty() ? "" : ", " + std::to_string(compilation.silenced.size()) + " silenced") << "\n";
}

int check(const CheckOptions& options) {
  driver::Options how;
  how.environment = options.environment;
  how.now = env::make_real_clock()->wall();
  auto compilation = driver::compile_project(options.paths, how);
  if (!compilation) return complain(compilation.error());
  // A fix may uncover the next finding, so rounds follow until nothing changes; two fixes that undo each other end there too.
  for (int round = 0; options.fix && round < kMostFixRounds; ++round) {
    const auto changed = write_fixes(*compilation);
    if (!changed) return complain(changed.error());
    if (*changed == 0) break;
    compilation = driver::compile_project(options.paths, how);
    if (!compilation) return complain(compilation.error());
  }
  if (options.format == "json") {
    std::cout << diag::render_json(compilation->diagnostics, *compilation->sources);
  } else if (options.format == "sarif") {
    std::cout << diag::render_sarif(compilation->diagnostics, compilation->silenced, *compilation->sources,
                                    driver::compiler_version(), driver::explain);
  } else if (options.format == "github") {
    std::cout << diag::render_github(compilation->diagnostics, *compilation->sources);
  } else {
    print_diagnostics(*compilation, std::cout, ::isatty(STDOUT_FILENO) != 0);
    if (compilation->diagnostics.empty()) {
      const std::size_t silenced = compilation->silenced.size();
      std::cerr << "no findings" << (silenced > 0 ? " (" + std::to_string(silenced) + " silenced)" : "") << "\n";
    }
    if (compilation->errors > 0 && ::isatty(STDERR_FILENO) != 0)
      std::cerr << "`smarthl7 explain CODE` says more about a code\n";
  }
  return compilation->errors > 0 || (options.deny_warnings && compilation->warnings > 0) ? kFindings : kFine;
}

int format(const FormatOptions& options) {
  const auto files = driver::route_files(options.paths);
  if (!files) return complain(files.error());
  int code = kFine;
  for (const std::string& path : *files) {
    source::SourceSet sources;
    const auto loaded = sources.load(path);
    if (!loaded) return complain(loaded.error());
    const source::SourceFile& file = **loaded;
    diag::Sink sink;
    const syntax::ParsedFile parsed = syntax::parse(file, sink);
    if (sink.has_errors()) {
      for (const auto& diagnostic : sink.sorted()) std::cerr << diag::render_human(diagnostic, sources) << "\n";
      std::cerr << path << ": not formatted, since it cannot be read\n";
      code = kFindings;
      continue;
    }
    const std::string formatted = format::format(parsed);
    if (options.to_stdout) {
      std::cout << formatted;
    } else if (formatted != file.bytes()) {
      if (options.check) {
        std::cout << path << "\n";
        code = kFindings;
        continue;
      }
      if (const auto written = write_file(path, formatted); !written) return complain(written.error());
      std::cerr << "formatted " << path << "\n";
    }
  }
  return code;
}

int compile(const CompileOptions& options) {
  driver::Options how;
  how.environment = options.environment;
  const auto compilation = driver::compile_project(options.paths, how);
  if (!compilation) return complain(compilation.error());
  print_diagnostics(*compilation, std::cerr, ::isatty(STDERR_FILENO) != 0);
  if (!compilation->plan) return kFindings;
  const std::string bytes = plan::write_plan(*compilation->plan);
  if (const auto written = write_file(options.output, bytes); !written) return complain(written.error());
  std::cout << options.output << " " << to_hex(plan::plan_digest(*compilation->plan)) << "\n";
  return kFine;
}

int explain(const std::string& code) {
  if (const auto page = driver::explain(code)) {
    std::cout << *page;
    if (!page->ends_with('\n')) std::cout << "\n";
    return kFine;
  }
  std::cerr << "smarthl7: there is no code `" << code << "`\nhelp: codes look like E0312; `check` prints them in brackets\n";
  return kFindings;
}

}  // namespace smarthl7::app

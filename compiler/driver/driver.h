// SPDX-License-Identifier: Apache-2.0
// From files to diagnostics and a plan: all passes in their order, for check, compile, run, test and the tests of the compiler.
// Tests are no part of a plan: neither the blocks, nor the files that hold nothing else, nor what they send.
// Pure but for reading files; any thread, one call one thread. Mistakes of the author are diagnostics in the result;
// Result fails only if a file that was asked for cannot be read, or a folder holds no route file.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/context.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/plan/plan.h"
#include "compiler/plan/trials.h"
#include "compiler/source/source.h"
#include "stdlib/base/result.h"
#include "stdlib/base/time.h"

namespace smarthl7::driver {

struct Options {
  std::string environment;  // --env; empty: every environment is checked
  bool tests = false;       // the tests of the project are wanted
  /// What the clock says, for certificates: `check` gives it. Without it nobody looks into them, so that one project gives one
  /// result on every day, and a hub starts with a certificate that has ended.
  std::optional<WallTime> now{};
};

struct Compilation {
  std::unique_ptr<source::SourceSet> sources;
  std::string root;                           // the project folder, what paths in the plan are relative to
  std::vector<diag::Diagnostic> diagnostics;  // by file and place
  std::vector<diag::Silenced> silenced;       // warnings that a comment takes for good
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::optional<plan::Plan> plan;      // if there are no errors
  std::optional<plan::Trials> trials;  // if there are no errors and Options::tests asks for them
  bool environment_known = true;       // the one asked for is declared
};

/// A route file in memory: its path and its text.
using Text = std::pair<std::string, std::string>;

/// The route files below the paths (a folder means all its route files, in the order of their names) as one project. Its
/// folder is the one given, or that of the files given. Fails too if the environment is not declared.
[[nodiscard]] Result<Compilation> compile_project(const std::vector<std::string>& paths, const Options& options = {});

/// The route files below the paths, as compile_project() takes them; what `fmt` writes.
[[nodiscard]] Result<std::vector<std::string>> route_files(const std::vector<std::string>& paths);

/// compile_project() for texts in memory; `files` answers for what they name.
[[nodiscard]] Compilation compile_texts(std::vector<Text> texts, const check::Files& files, const Options& options = {});

/// The real files below a folder; "" is the current one.
[[nodiscard]] check::Files files_of(std::string root);

/// Of this program: "0.1.0".
[[nodiscard]] std::string_view compiler_version();

/// The page of a code ("E0301"), Markdown; nothing for an unknown code.
[[nodiscard]] std::optional<std::string_view> explain(std::string_view code);

}  // namespace smarthl7::driver

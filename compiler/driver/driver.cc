// SPDX-License-Identifier: Apache-2.0
#include "compiler/driver/driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "compiler/check/check.h"
#include "compiler/driver/silence.h"
#include "compiler/lower/lower.h"
#include "compiler/resolve/resolve.h"
#include "compiler/syntax/parser.h"
#include "stdlib/route/library.h"

namespace smarthl7::driver {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCompilerVersion = SMARTHL7_VERSION;

Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return fail(ErrorCode::invalid, "it is a folder");
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail(fs::exists(path, error) ? ErrorCode::refused : ErrorCode::not_found,
                fs::exists(path, error) ? "no right to read it" : "there is no such file");
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return fail(ErrorCode::io, "reading it failed");
  return bytes;
}

/// The deepest folder that holds all the files.
std::string common_folder(const std::vector<std::string>& files) {
  fs::path common;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const fs::path folder = fs::path(files[i]).parent_path();
    if (i == 0) {
      common = folder;
      continue;
    }
    fs::path shared;
    auto a = common.begin();
    for (auto b = folder.begin(); a != common.end() && b != folder.end() && *a == *b; ++a, ++b) shared /= *b;
    common = shared;
  }
  return common.generic_string();
}

bool is_environment(const resolve::Project& project, std::string_view name) {
  const resolve::Entry* entry = project.find(name);
  return entry != nullptr && entry->kind == syntax::DeclKind::environment;
}

bool is_test(const syntax::Declaration* declaration) { return declaration->kind == syntax::DeclKind::test; }

/// Where a test begins with the comment above it and the blank lines before.
std::size_t test_begin(std::string_view text, std::size_t begin) {
  const auto skip_blanks = [&text](std::size_t at) {
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '\r' || text[at - 1] == '\t')) --at;
    return at;
  };
  while (true) {
    const std::size_t end = skip_blanks(begin);
    if (end == 0) return end;
    const std::size_t line = text.rfind('\n', end - 1) + 1;
    const bool directly_above = std::ranges::count(text.substr(end, begin - end), '\n') == 1;
    if (!directly_above || !text.substr(line, end - line).starts_with("//")) return end;
    begin = line;
  }
}

/// What of a route file counts for the plan: all but its tests.
Sha256 digest_without_tests(const source::SourceFile& file, const syntax::ParsedFile& parsed) {
  const std::string_view text = file.bytes();
  std::string rest;
  std::size_t at = 0;
  for (const syntax::Declaration* declaration : parsed.declarations) {
    if (!is_test(declaration)) continue;
    const std::size_t begin = std::max(at, test_begin(text, declaration->span.begin));
    rest += text.substr(at, begin - at);
    at = std::max<std::size_t>(at, declaration->span.end);
  }
  rest += text.substr(at);
  return sha256(rest);
}

bool holds_only_tests(const syntax::ParsedFile& parsed) {
  const auto counts = [](const syntax::Declaration* declaration) {
    return !is_test(declaration) && declaration->kind != syntax::DeclKind::language &&
           declaration->kind != syntax::DeclKind::use;
  };
  return std::ranges::any_of(parsed.declarations, is_test) && std::ranges::none_of(parsed.declarations, counts);
}

Compilation run(std::unique_ptr<source::SourceSet> sources, const std::vector<const source::SourceFile*>& texts,
                const check::Files& files, const Options& options) {
  Compilation result;
  result.sources = std::move(sources);
  result.root = files.root;
  diag::Sink sink;
  std::vector<syntax::ParsedFile> parsed;
  syntax::NodeId next = 0;
  for (const source::SourceFile* text : texts) {
    parsed.push_back(syntax::parse(*text, sink, next));
    next = parsed.back().end_id;
  }
  const resolve::Project project = resolve::resolve(std::move(parsed), *result.sources, sink);
  check::Facts facts;
  check::Context context{*result.sources, project, files, sink, facts};
  context.environment = options.environment;
  context.now = options.now;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (holds_only_tests(project.files[i])) continue;
    context.inputs.push_back({context.from_root(texts[i]->path()), digest_without_tests(*texts[i], project.files[i])});
  }
  check::check(context);
  result.environment_known = options.environment.empty() || is_environment(project, options.environment);
  Spoken spoken = silence(sink.sorted(), project.files, *result.sources, !sink.has_errors());
  result.diagnostics = std::move(spoken.diagnostics);
  result.silenced = std::move(spoken.silenced);
  result.errors = static_cast<std::size_t>(
      std::count_if(result.diagnostics.begin(), result.diagnostics.end(),
                    [](const diag::Diagnostic& one) { return one.severity() == diag::Severity::error; }));
  result.warnings = result.diagnostics.size() - result.errors;
  if (result.errors == 0) result.plan = lower::lower(context, kCompilerVersion, route::digest());
  if (result.errors == 0 && options.tests) result.trials = lower::lower_with_tests(context, kCompilerVersion, route::digest());
  return result;
}

}  // namespace

Result<std::vector<std::string>> route_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      if (at->is_regular_file(error) && at->path().extension() == ".route") inside.push_back(at->path().generic_string());
    }
    if (error) return fail(ErrorCode::io, fmt::format("{}: {}", path, error.message()));
    if (inside.empty()) return fail(ErrorCode::not_found, fmt::format("{}: there is no route file in this folder", path));
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  if (files.empty()) return fail(ErrorCode::invalid, "no route file is named");
  std::vector<std::string> once;
  for (std::string& file : files) {
    if (std::find(once.begin(), once.end(), file) == once.end()) once.push_back(std::move(file));
  }
  return once;
}

Result<Compilation> compile_project(const std::vector<std::string>& paths, const Options& options) {
  TRY(const std::vector<std::string> names, route_files(paths));
  std::error_code error;
  const bool folder = paths.size() == 1 && fs::is_directory(paths.front(), error);
  const check::Files files = files_of(folder ? fs::path(paths.front()).generic_string() : common_folder(names));
  auto sources = std::make_unique<source::SourceSet>();
  std::vector<const source::SourceFile*> texts;
  for (const std::string& name : names) {
    TRY(const source::SourceFile* file, sources->load(name));
    texts.push_back(file);
  }
  Compilation result = run(std::move(sources), texts, files, options);
  if (!result.environment_known && result.errors == 0) {
    return fail(ErrorCode::not_found, fmt::format("the project declares no environment `{}`", options.environment));
  }
  return result;
}

Compilation compile_texts(std::vector<Text> texts, const check::Files& files, const Options& options) {
  auto sources = std::make_unique<source::SourceSet>();
  std::vector<const source::SourceFile*> added;
  for (auto& [path, text] : texts) added.push_back(&sources->add(std::move(path), std::move(text)));
  return run(std::move(sources), added, files, options);
}

std::string_view compiler_version() { return kCompilerVersion; }

check::Files files_of(std::string root) {
  check::Files files;
  files.root = std::move(root);
  files.read = read_file;
  files.exists = [](const std::string& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
  };
  return files;
}

}  // namespace smarthl7::driver

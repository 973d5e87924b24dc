// SPDX-License-Identifier: Apache-2.0
#include "compiler/check/folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "compiler/check/naming.h"
#include "compiler/check/options.h"
#include "stdlib/base/name_pattern.h"

namespace smarthl7::check {
namespace {

struct Names {  // of files in a folder
  const syntax::Expr* value = nullptr;
  std::string_view owner;
  std::string_view option;
  std::string folder;  // with the server, if it is on one
  std::string pattern;
};

struct Ends {
  std::vector<Names> read;     // by sources
  std::vector<Names> put;      // by sources: what was taken, what could not be, answers
  std::vector<Names> written;  // by destinations
};

std::string normal(const std::string& folder) {
  std::string text = std::filesystem::path(folder).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

using Settings = std::map<std::string_view, std::string>;

const OptionInfo* option_of(const std::vector<OptionInfo>& options, std::string_view name) {
  for (const OptionInfo& option : options)
    if (option.name == name && option.value != nullptr) return &option;
  return nullptr;
}

/// Of a folder on a server: which one, and whose. Empty: on the hub's machine. Nothing: not known before the start.
std::optional<std::string> server_of(const std::vector<OptionInfo>& options, const Settings& settings) {
  std::string server;
  for (const std::string_view name : {"user", "connect"}) {
    const OptionInfo* option = option_of(options, name);
    if (option == nullptr) continue;
    const auto text = text_with(*option->value, settings);
    if (!text) return std::nullopt;
    server += *text + "@";
  }
  return server;
}

/// What becomes a part of file names.
void check_lock(Context& context, const SourceInfo& source, const Settings& settings) {
  const OptionInfo* lock = option_of(source.options, "lock");
  const auto name = lock == nullptr ? std::nullopt : text_with(*lock->value, settings);
  if (!name) return;
  constexpr std::size_t kMost = 32;
  const bool good = !name->empty() && name->size() <= kMost && std::ranges::all_of(*name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
  if (good) return;
  context.sink.report(diag::Code::E0702, lock->value->span, "`lock` takes a name of letters, digits, - and _, at most 32",
                      "it becomes a part of file names, as in `lock \"north\"`");
}

void add_source(const SourceInfo& source, const Settings& settings, Ends& ends) {
  const std::string_view name = source.declaration->name->text;
  std::string pattern = "*";
  if (const OptionInfo* option = option_of(source.options, "pattern"))
    pattern = text_with(*option->value, settings).value_or("*");
  const auto server = server_of(source.options, settings);
  if (!server) return;
  const auto add = [&](std::string_view option, std::vector<Names>& into, const std::string& names) {
    const OptionInfo* found = option_of(source.options, option);
    if (found == nullptr) return;
    const auto folder = text_with(*found->value, settings);  // the word `delete` is no text
    if (folder) into.push_back({found->value, name, option, *server + normal(*folder), names});
  };
  add("read", ends.read, pattern);
  add("done", ends.put, pattern);
  add("failed", ends.put, pattern);
  add("answers", ends.put, pattern + ".ack");
}

void add_destination(const DestinationInfo& destination, const Settings& settings, Ends& ends) {
  const OptionInfo* write = option_of(destination.options, "write");
  if (write == nullptr) return;
  const auto path = naming_pattern(*write->value, settings);
  const auto server = server_of(destination.options, settings);
  if (!path || !server) return;
  const std::filesystem::path whole(*path);
  const std::string folder = whole.parent_path().string();
  ends.written.push_back({write->value, destination.declaration->name->text, "write",
                          *server + normal(folder.empty() ? "." : folder), whole.filename().string()});
}

bool meet(const Names& a, const Names& b) { return a.folder == b.folder && patterns_meet(a.pattern, b.pattern); }

class Reporter {
 public:
  Reporter(Context& context, std::string_view environment, std::set<const syntax::Expr*>& reported)
      : context_(context),
        where_(environment.empty() ? "" : fmt::format(" in the environment `{}`", environment)),
        reported_(reported) {}

  void report(const Names& at, const Names& other, std::string message, std::string help) {
    if (!reported_.insert(at.value).second) return;
    context_.sink.report({.code = diag::Code::E0732,
                          .span = at.value->span,
                          .message = std::move(message) + where_,
                          .secondary = {{other.value->span, "the other one"}},
                          .help = std::move(help)});
  }

 private:
  Context& context_;
  std::string where_;
  std::set<const syntax::Expr*>& reported_;
};

void look(const Ends& ends, Reporter& reporter) {
  for (std::size_t i = 0; i < ends.read.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool in_order = ends.read[j].value->span < ends.read[i].value->span;
      const Names& first = in_order ? ends.read[j] : ends.read[i];
      const Names& second = in_order ? ends.read[i] : ends.read[j];
      if (meet(first, second))
        reporter.report(second, first, fmt::format("`{}` and `{}` take the same files", second.owner, first.owner),
                        "each file is taken by one of them only: use one source, or patterns that no name fits both of");
    }
  }
  for (const Names& read : ends.read) {
    for (const Names& put : ends.put)
      if (meet(put, read))
        reporter.report(put, read, fmt::format("what `{}` puts into `{}` is taken by `{}`", put.owner, put.option, read.owner),
                        "give it a folder of its own");
    for (const Names& written : ends.written)
      if (meet(written, read))
        reporter.report(written, read, fmt::format("`{}` writes files that `{}` takes", written.owner, read.owner),
                        "write into another folder; from flow to flow a message needs no file");
  }
  for (std::size_t i = 0; i < ends.written.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool in_order = ends.written[j].value->span < ends.written[i].value->span;
      const Names& first = in_order ? ends.written[j] : ends.written[i];
      const Names& second = in_order ? ends.written[i] : ends.written[j];
      if (meet(first, second))
        reporter.report(second, first, fmt::format("`{}` and `{}` may write files of one name", second.owner, first.owner),
                        "a message that both write would be there once only: use one destination, or names that differ");
    }
  }
}

}  // namespace

void check_folders(Context& context) {
  std::vector<std::string_view> environments = {""};
  if (!context.environment.empty()) {
    environments = {context.environment};
  } else {
    for (const auto* environment : context.project.all<syntax::EnvironmentDecl>())
      environments.push_back(environment->name->text);
  }
  std::set<const syntax::Expr*> reported;
  for (const std::string_view environment : environments) {
    const Settings settings = setting_values(context, environment);
    Ends ends;
    for (const auto& [name, source] : context.source_ends) add_source(source, settings, ends);
    for (const auto& [name, destination] : context.destinations) add_destination(destination, settings, ends);
    if (environment == environments.front())
      for (const auto& [name, source] : context.source_ends) check_lock(context, source, settings);
    Reporter reporter(context, environment, reported);
    look(ends, reporter);
  }
}

}  // namespace smarthl7::check

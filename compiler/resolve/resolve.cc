// SPDX-License-Identifier: Apache-2.0
#include "compiler/resolve/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "compiler/diag/suggest.h"
#include "compiler/resolve/walk.h"
#include "compiler/syntax/parser.h"
#include "stdlib/route/library.h"

namespace smarthl7::resolve {
namespace {

using diag::Code;
using source::Span;

constexpr std::string_view kLanguage = "1";

std::string_view module_of(std::string_view name) { return name.substr(0, name.rfind('.')); }

/// Where `use X` can be inserted in the file of the span: after `language`, or at the top.
diag::Edit use_edit(const Project& project, Span span, std::string_view module) {
  for (const syntax::ParsedFile& file : project.files) {
    if (file.source == nullptr || file.source->id() != span.file) continue;
    for (const syntax::Declaration* declaration : file.declarations) {
      if (declaration->kind != DeclKind::language) continue;
      return {{span.file, declaration->span.end, declaration->span.end}, fmt::format("\nuse {}", module)};
    }
  }
  return {{span.file, 0, 0}, fmt::format("use {}\n", module)};
}

class Collector {
 public:
  Collector(Project& project, diag::Sink& sink) : project_(project), sink_(sink) {}

  void file(const syntax::ParsedFile& file) {
    for (const syntax::Declaration* declaration : file.declarations) {
      if (const auto* language = declaration->try_as<syntax::LanguageDecl>()) check_language(*language);
      if (const auto* use = declaration->try_as<syntax::UseDecl>()) check_use(*use);
      if (declaration->name != nullptr && !declaration->name->text.empty()) declare(*declaration);
    }
  }

  void module(const route::Module& module, source::SourceSet& sources) {
    const source::SourceFile& text = sources.add(std::string(module.name), std::string(module.text));
    project_.standard.push_back(syntax::parse(text, sink_, project_.end_id));
    project_.end_id = project_.standard.back().end_id;
    for (const syntax::Declaration* declaration : project_.standard.back().declarations) {
      if (declaration->name == nullptr) continue;
      std::string name = fmt::format("{}.{}", module.name, declaration->name->text);
      const auto [at, added] = project_.names.emplace(std::move(name), Entry{});
      at->second = {at->first, declaration, declaration->kind, false, true, imported_.contains(module.name)};
    }
  }

 private:
  void check_language(const syntax::LanguageDecl& language) {
    if (language.poisoned || language.version == kLanguage) return;
    sink_.report(Code::E0206, language.span, fmt::format("this compiler knows language 1, not `{}`", language.version),
                 "write `language 1`, or use the compiler that the file was written for");
  }

  void check_use(const syntax::UseDecl& use) {
    if (use.what == nullptr || use.what->text.empty()) return;
    const std::string_view name = use.what->text;
    std::vector<std::string_view> known;
    for (const route::Module& module : route::modules()) {
      if (module.name == name) {
        imported_.insert(module.name);
        return;
      }
      known.push_back(module.name);
    }
    for (const std::string_view planned : route::planned_modules()) {
      if (planned == name) {
        sink_.report(Code::E0213, use.what->span, fmt::format("this version does not have `{}` yet", name));
        return;
      }
    }
    diag::Diagnostic diagnostic{
        .code = Code::E0204, .span = use.what->span, .message = fmt::format("the standard library has no module `{}`", name)};
    if (const auto near = diag::suggest(name, known)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
      diagnostic.fixes.push_back(diag::replace(use.what->span, std::string(*near)));
    }
    sink_.report(std::move(diagnostic));
  }

  void declare(const syntax::Declaration& declaration) {
    const std::string_view name = declaration.name->text;
    const auto* broken = declaration.try_as<syntax::ErrorDecl>();
    const auto [at, added] = project_.names.emplace(std::string(name), Entry{});
    if (!added) {
      const syntax::Declaration& first = *at->second.declaration;
      sink_.report({.code = Code::E0202,
                    .span = declaration.name->span,
                    .message = fmt::format("`{}` is declared twice", name),
                    .secondary = {{first.name->span, fmt::format("first as {} here", with_article(at->second.kind))}},
                    .help = "all declarations of a project share one name space; give one of them another name"});
      return;
    }
    at->second = {.name = at->first,
                  .declaration = &declaration,
                  .kind = broken != nullptr ? broken->intended : declaration.kind,
                  .poisoned = broken != nullptr};
  }

  Project& project_;
  diag::Sink& sink_;
  std::set<std::string_view> imported_;
};

class Resolver final : public UseVisitor {
 public:
  Resolver(Project& project, diag::Sink& sink) : project_(project), sink_(sink) {}

  void name(const syntax::Node& node, std::string_view text, std::initializer_list<DeclKind> kinds) override {
    if (text.empty()) return;
    if (const Entry* entry = lookup(project_, text, node.span, kinds, sink_))
      project_.uses.emplace(node.id, entry);
    else if (const Entry* poisoned = project_.find(text)) {
      if (poisoned->poisoned) project_.uses.emplace(node.id, poisoned);
    }
  }
  void word(const syntax::NameExpr& node) override {
    if (const Entry* entry = project_.find(node.text)) project_.uses.emplace(node.id, entry);
  }

 private:
  Project& project_;
  diag::Sink& sink_;
};

bool is_one_of(DeclKind kind, std::initializer_list<DeclKind> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string listed(std::initializer_list<DeclKind> kinds) {
  std::string text;
  for (const DeclKind kind : kinds) {
    if (!text.empty()) text += " or ";
    text += with_article(kind);
  }
  return text;
}

/// What follows the name in a declaration, for a help.
std::string_view rest_of(DeclKind kind) {
  switch (kind) {
    case DeclKind::setting: return " : text";
    case DeclKind::source:
    case DeclKind::destination: return " = mllp { ... }";
    case DeclKind::message: return " = hl7 2.5.1 ORU_R01 { ... }";
    case DeclKind::mapping: return " : MESSAGE { ... }";
    case DeclKind::table: return " from csv \"FILE.csv\" { ... }";
    case DeclKind::secret: return "";
    case DeclKind::oauth:
    case DeclKind::contact:
    case DeclKind::environment:
    case DeclKind::redaction:
    case DeclKind::retry:
    case DeclKind::flow:
    case DeclKind::alert: return " { ... }";
    case DeclKind::language:
    case DeclKind::use:
    case DeclKind::test:
    case DeclKind::error: return "";
  }
  return "";
}

void report_unknown(const Project& project, std::string_view name, Span span, std::initializer_list<DeclKind> kinds,
                    diag::Sink& sink) {
  std::vector<std::string_view> known;
  for (const auto& [other, entry] : project.names) {
    if (is_one_of(entry.kind, kinds)) known.push_back(other);
  }
  std::string what;
  for (const DeclKind kind : kinds) what += (what.empty() ? "" : " or ") + std::string(spelling(kind));
  diag::Diagnostic diagnostic{.code = Code::E0201, .span = span, .message = fmt::format("there is no {} `{}`", what, name)};
  if (const auto near = diag::suggest(name, known)) {
    diagnostic.help = fmt::format("did you mean `{}`?", *near);
    diagnostic.fixes.push_back(diag::replace(span, std::string(*near)));
  } else if (!known.empty() && known.size() <= 6) {
    for (const std::string_view other : known)
      diagnostic.help += fmt::format("{}`{}`", diagnostic.help.empty() ? "declared are " : ", ", other);
    if (known.size() == 1) diagnostic.help = fmt::format("the only {} is `{}`", what, known.front());
  } else if (known.empty()) {
    diagnostic.help =
        fmt::format("declare it, as in `{} {}{}`", syntax::spelling(*kinds.begin()), name, rest_of(*kinds.begin()));
  } else {
    diagnostic.help = fmt::format("none of the {} that are declared has a name like it", known.size());
  }
  sink.report(std::move(diagnostic));
}

}  // namespace

const Entry* Project::find(std::string_view name) const {
  const auto at = names.find(name);
  return at == names.end() ? nullptr : &at->second;
}

const Entry* Project::use_of(const syntax::Node& name) const {
  const auto at = uses.find(name.id);
  return at == uses.end() ? nullptr : at->second;
}

Project resolve(std::vector<syntax::ParsedFile> files, source::SourceSet& sources, diag::Sink& sink) {
  Project project;
  project.files = std::move(files);
  Collector collector(project, sink);
  for (const syntax::ParsedFile& file : project.files) {
    project.end_id = std::max(project.end_id, file.end_id);
    collector.file(file);
  }
  for (const route::Module& module : route::modules()) collector.module(module, sources);
  Resolver resolver(project, sink);
  for (const syntax::ParsedFile& file : project.files) {
    for (const syntax::Declaration* declaration : file.declarations) visit_uses(*declaration, resolver);
  }
  return project;
}

const Entry* lookup(const Project& project, std::string_view name, Span span, std::initializer_list<DeclKind> kinds,
                    diag::Sink& sink) {
  const Entry* entry = project.find(name);
  if (entry == nullptr) {
    report_unknown(project, name, span, kinds, sink);
    return nullptr;
  }
  if (!is_one_of(entry->kind, kinds)) {
    diag::Diagnostic diagnostic{.code = Code::E0203,
                                .span = span,
                                .message = fmt::format("`{}` is {}, not {}", name, with_article(entry->kind), listed(kinds))};
    if (!entry->standard) diagnostic.secondary.push_back({entry->declaration->name->span, "declared here"});
    sink.report(std::move(diagnostic));
    return nullptr;
  }
  if (entry->poisoned) return nullptr;
  if (!entry->imported) {
    const std::string_view module = module_of(name);
    sink.report({.code = Code::E0205,
                 .span = span,
                 .message = fmt::format("`{}` needs `use {}`", name, module),
                 .help = fmt::format("add `use {}` at the top of the file", module),
                 .fixes = {{fmt::format("add `use {}`", module), {use_edit(project, span, module)}}}});
  }
  return entry;
}

std::string_view with_article(DeclKind kind) {
  switch (kind) {
    case DeclKind::language: return "a language line";
    case DeclKind::use: return "a use";
    case DeclKind::setting: return "a setting";
    case DeclKind::secret: return "a secret";
    case DeclKind::oauth: return "an oauth client";
    case DeclKind::contact: return "a contact";
    case DeclKind::environment: return "an environment";
    case DeclKind::table: return "a table";
    case DeclKind::message: return "a message";
    case DeclKind::mapping: return "a mapping";
    case DeclKind::redaction: return "a redaction";
    case DeclKind::retry: return "a retry";
    case DeclKind::source: return "a source";
    case DeclKind::destination: return "a destination";
    case DeclKind::flow: return "a flow";
    case DeclKind::alert: return "an alert";
    case DeclKind::test: return "a test";
    case DeclKind::error: return "a broken declaration";
  }
  return "?";
}

}  // namespace smarthl7::resolve

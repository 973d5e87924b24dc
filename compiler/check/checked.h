// SPDX-License-Identifier: Apache-2.0
// For tests only: a route text through all checks, with what they found. Owns everything it refers to; neither copied nor
// moved.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/context.h"
#include "compiler/resolve/resolve.h"
#include "compiler/syntax/parser.h"

namespace smarthl7::check {

class Checked {
 public:
  explicit Checked(std::string text)
      : files_(files()), project_(parsed(std::move(text))), context{sources_, project_, files_, sink, facts} {
    check(context);
  }
  Checked(const Checked&) = delete;
  Checked& operator=(const Checked&) = delete;

  /// "E0312 PID-3.4.1": every diagnostic but that nothing uses a declaration, with the text it points at, in order.
  [[nodiscard]] std::vector<std::string> findings() const {
    std::vector<std::string> found;
    for (const diag::Diagnostic& one : sink.sorted()) {
      if (one.code == diag::Code::W0201) continue;
      found.push_back(std::string(diag::name_of(one.code)) + " " + std::string(sources_.text(one.span)));
    }
    return found;
  }

  /// What the first path written like this means; null if it was not resolved.
  [[nodiscard]] const ResolvedPath* path(std::string_view written) const {
    const std::string_view text = sources_.get(0).bytes();
    const ResolvedPath* found = nullptr;
    syntax::NodeId lowest = 0;
    for (const auto& [id, resolved] : facts.paths) {
      const auto at = spans_.find(id);
      if (at == spans_.end() || text.substr(at->second.begin, at->second.length()) != written) continue;
      if (found == nullptr || id < lowest) found = &resolved, lowest = id;
    }
    return found;
  }

 private:
  static Files files() {
    Files files;
    files.read = [](const std::string& path) -> Result<std::string> {
      if (path.ends_with("facilities.csv")) return std::string("code,namespace\nMERCY01,MERCY\nSTJ01,STJOHN\n");
      return fail(ErrorCode::not_found, "there is no such file");
    };
    files.exists = [](const std::string&) { return true; };
    return files;
  }

  resolve::Project parsed(std::string text) {
    std::vector<syntax::ParsedFile> read;
    read.push_back(syntax::parse(sources_.add("lab.route", std::move(text)), sink));
    for (const syntax::Declaration* declaration : read.front().declarations) collect(*declaration);
    return resolve::resolve(std::move(read), sources_, sink);
  }

  void collect(const syntax::Expr* expr) {
    if (expr == nullptr) return;
    syntax::walk(*expr, [this](const syntax::Expr& one) { spans_[one.id] = one.span; });
  }
  void collect(const syntax::Declaration& declaration) {
    if (const auto* message = declaration.try_as<syntax::MessageDecl>()) {
      for (const syntax::MessageItem* item : message->items) {
        if (const auto* require = item->try_as<syntax::RequireItem>()) {
          for (const syntax::PathExpr* path : require->paths) collect(path);
        }
        if (const auto* condition = item->try_as<syntax::ConditionItem>()) collect(condition->condition);
        if (const auto* rule = item->try_as<syntax::RuleItem>()) collect(rule->condition);
      }
    } else if (const auto* mapping = declaration.try_as<syntax::MappingDecl>()) {
      collect(mapping->items);
    }
  }
  void collect(syntax::List<syntax::MappingItem> items) {
    for (const syntax::MappingItem* item : items) {
      if (const auto* assign = item->try_as<syntax::AssignItem>()) {
        collect(assign->target);
        collect(assign->value);
      } else if (const auto* each = item->try_as<syntax::EachItem>()) {
        collect(each->scope);
        collect(each->where);
        collect(each->items);
      } else if (const auto* when = item->try_as<syntax::WhenItem>()) {
        for (const syntax::WhenMappingArm* arm : when->arms) {
          collect(arm->condition);
          collect(arm->items);
        }
      }
    }
  }

  source::SourceSet sources_;
  std::unordered_map<syntax::NodeId, source::Span> spans_;
  Files files_;

 public:
  diag::Sink sink;
  Facts facts;

 private:
  resolve::Project project_;

 public:
  Context context;
};

}  // namespace smarthl7::check

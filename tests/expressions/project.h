// SPDX-License-Identifier: Apache-2.0
// For tests: a route text through all checks and into a plan, with what was found out on the way. Owns everything it refers to;
// neither copied nor moved; one thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/context.h"
#include "compiler/lower/lower.h"
#include "compiler/resolve/resolve.h"
#include "compiler/syntax/parser.h"
#include "stdlib/builtins/all.h"

namespace smarthl7::testing {

/// A project in memory, as the driver compiles it.
class Project {
 public:
  explicit Project(const std::string& text)
      : files_(files()), project_(parsed(text)), context_{sources_, project_, files_, sink_, facts_} {
    check::check(context_);
    context_.inputs.push_back({"test.route", {}});
    std::sort(context_.inputs.begin(), context_.inputs.end());
  }
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  static check::Files files() {
    check::Files files;
    files.read = [](const std::string& path) -> Result<std::string> {
      if (path.ends_with("wards.csv")) return std::string("code,name\nW1,One\nA,Two\n");
      if (path.ends_with("tests.csv")) return std::string("a,b,unit\nMR,A,mg\nA,MR,\nF,F,g\n");
      return fail(ErrorCode::not_found, "there is no such file");
    };
    files.exists = [](const std::string&) { return true; };
    return files;
  }

  [[nodiscard]] const diag::Sink& sink() const { return sink_; }
  [[nodiscard]] const check::Facts& facts() const { return facts_; }
  [[nodiscard]] std::string_view text(source::Span span) const { return sources_.text(span); }
  [[nodiscard]] plan::Plan lowered() const { return lower::lower(context_, "test", {}); }
  /// The mappings, in the order of the file.
  [[nodiscard]] std::vector<const syntax::MappingDecl*> mappings() const {
    const auto all = project_.all<syntax::MappingDecl>();
    std::vector<const syntax::MappingDecl*> sorted(all.begin(), all.end());
    std::ranges::sort(sorted, {}, [](const syntax::MappingDecl* one) { return one->span.begin; });
    return sorted;
  }

 private:
  resolve::Project parsed(const std::string& text) {
    std::vector<syntax::ParsedFile> read;
    read.push_back(syntax::parse(sources_.add("test.route", text), sink_));
    return resolve::resolve(std::move(read), sources_, sink_);
  }

  source::SourceSet sources_;
  check::Files files_;
  diag::Sink sink_;
  check::Facts facts_;
  resolve::Project project_;
  check::Context context_;
};

}  // namespace smarthl7::testing

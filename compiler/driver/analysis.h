// SPDX-License-Identifier: Apache-2.0
// Checking again and again while files change, for editors: a file is parsed again only if its text changed, the other passes
// run over the whole project, and what they found out stays readable.
// An Analysis owns all that its context, facts and spans refer to (files and trees together with the Analyzer that made it,
// so it stays valid when the next one is made); immutable, any thread may read. An Analyzer belongs to one thread.
// Mistakes of the author are diagnostics; nothing else fails.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/context.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/resolve/resolve.h"
#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::driver {

struct Analysis {
  source::SourceSet sources;
  check::Files files;
  diag::Sink sink;
  resolve::Project project;
  check::Facts facts;
  check::Context context{sources, project, files, sink, facts};
  std::vector<diag::Diagnostic> diagnostics;  // by file and place

  Analysis() = default;
  Analysis(const Analysis&) = delete;
  Analysis& operator=(const Analysis&) = delete;

  /// The author's file of that path, as parsed; null if there is none.
  [[nodiscard]] const syntax::ParsedFile* file(std::string_view path) const;
};

class Analyzer {
 public:
  /// A route file's path and its text, which is copied if it is new.
  using TextView = std::pair<std::string_view, std::string_view>;

  /// All passes but lowering. The paths are distinct.
  [[nodiscard]] std::shared_ptr<const Analysis> analyze(const std::vector<TextView>& texts, const check::Files& files);
  /// How many files were parsed so far.
  [[nodiscard]] std::size_t parses() const { return parses_; }

 private:
  struct Parsed {
    std::shared_ptr<const source::SourceFile> source;
    syntax::ParsedFile tree;
    std::vector<diag::Diagnostic> diagnostics;
    bool wanted = false;
  };
  Parsed& parsed(std::string_view path, std::string_view text);

  std::map<std::string, Parsed, std::less<>> cache_;  // by path
  std::vector<source::FileId> free_ids_;
  source::FileId next_id_ = 0;
  syntax::NodeId next_node_ = 0;
  std::size_t parses_ = 0;
  std::size_t last_types_ = 0;  // sizes of the last analysis
  std::size_t last_paths_ = 0;
  std::size_t last_steps_ = 0;
};

}  // namespace smarthl7::driver

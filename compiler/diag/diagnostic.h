// SPDX-License-Identifier: Apache-2.0
// What a pass says about a route file, and the sink that collects it.
// A Diagnostic is a value; its spans refer to the SourceSet of the run. Passes take a Sink& and never print or
// throw; one Sink belongs to one thread. At one byte position only the first error is kept, so that one mistake
// gives one message; a warning is kept unless the same code stands there already.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "compiler/diag/registry.h"
#include "compiler/source/source.h"

namespace smarthl7::diag {

using source::Span;

/// A place that helps to understand, with a few words.
struct Label {
  Span span{};
  std::string text{};

  friend bool operator==(const Label&, const Label&) = default;
};

/// Put `replacement` where `span` is; an empty span inserts.
struct Edit {
  Span span{};
  std::string replacement{};

  friend bool operator==(const Edit&, const Edit&) = default;
};

/// One way to repair: all edits together.
struct Fix {
  std::string title{};
  std::vector<Edit> edits{};

  friend bool operator==(const Fix&, const Fix&) = default;
};

struct Diagnostic {
  Code code = Code::E0101;
  Span span{};
  std::string message{};           // lower case, what was found and what the author wrote, names in backticks
  std::string label{};             // stands after the carets; may be empty
  std::vector<Label> secondary{};  // at most two
  std::string help{};              // without "help:"; may be empty
  std::vector<Fix> fixes{};        // the first is what `check --fix` applies
  std::vector<std::string> notes{};

  [[nodiscard]] Severity severity() const { return info(code).severity; }
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// A warning that a comment in the route file takes for good, and why.
struct Silenced {
  Diagnostic diagnostic{};
  std::string reason{};
};

/// A fix of one edit.
[[nodiscard]] Fix replace(Span span, std::string replacement, std::string title = {});

class Sink {
 public:
  /// Keeps the diagnostic unless one stands at its place already; true if it was kept.
  bool report(Diagnostic diagnostic);
  /// report() for the common case.
  bool report(Code code, Span span, std::string message, std::string help = {});

  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  /// By file and offset; errors before warnings at one place.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] std::size_t warnings() const { return diagnostics_.size() - errors_; }
  [[nodiscard]] bool has_errors() const { return errors_ != 0; }

 private:
  std::vector<Diagnostic> diagnostics_;
  std::set<std::tuple<source::FileId, std::uint32_t>> error_places_;
  std::set<std::tuple<source::FileId, std::uint32_t, Code>> warning_places_;
  std::size_t errors_ = 0;
};

}  // namespace smarthl7::diag

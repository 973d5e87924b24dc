// SPDX-License-Identifier: Apache-2.0
// Which conditions leave nothing for a later one: equal texts, sets of literals (`==`, `in`), ranges of numbers and durations,
// patterns over literals, presence, and what `and`, `or` and `not` make of them. Says so only where it is certain.
// Conditions are nodes of the tree, which outlives it. One thread; no failure; reports nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::check {

class Shadow {
 public:
  explicit Shadow(const source::SourceSet& sources) : sources_(sources) {}

  /// The earlier conditions that together hold wherever this one does, in their order; none: it can be the first that holds.
  [[nodiscard]] std::vector<const syntax::Expr*> hiding(const syntax::Expr& condition) const;
  void add(const syntax::Expr& condition) { earlier_.push_back(&condition); }

 private:
  using Found = std::vector<const syntax::Expr*>;
  [[nodiscard]] std::optional<Found> covered(const syntax::Expr& condition) const;
  [[nodiscard]] bool implies(const syntax::Expr& a, const syntax::Expr& b) const;
  [[nodiscard]] bool atom_implies(const syntax::Expr& a, const syntax::Expr& b) const;
  [[nodiscard]] bool value_implies(std::string_view subject, const syntax::Expr& value, const syntax::Expr& b) const;
  [[nodiscard]] std::string normal(const syntax::Expr& expr) const;

  const source::SourceSet& sources_;
  std::vector<const syntax::Expr*> earlier_;
};

/// A condition or value as text without blanks, to see that two are the same.
[[nodiscard]] std::string normal_text(std::string_view text);

/// Does the text match the whole pattern? False also where the pattern is none.
[[nodiscard]] bool pattern_matches(std::string_view pattern, std::string_view text);

}  // namespace smarthl7::check

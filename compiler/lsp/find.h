// SPDX-License-Identifier: Apache-2.0
// What stands at an offset of a file's tree, for hover, definition and rename. Internal to this folder. Pointers into the
// analysis; one thread; nothing fails: what is not there is null.
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/lsp/tree.h"
#include "compiler/lsp/view.h"

namespace smarthl7::lsp {

struct Found {
  const syntax::Name* name = nullptr;  // the smallest that holds the offset
  Role role = Role::declared;
  const syntax::Expr* expr = nullptr;      // the smallest expression
  const syntax::Option* option = nullptr;  // whose name or values hold the offset
  OptionPlace place;
  const syntax::StringExpr* file = nullptr;
  const syntax::Step* step = nullptr;      // the smallest
  const syntax::Expr* compared = nullptr;  // a literal ...
  const syntax::Expr* with = nullptr;      // ... and what it is compared with
  Around around;
  Around compared_around;
};
[[nodiscard]] Found find_at(const View& view, std::uint32_t offset);

/// The declaration that a name, or a word in an expression, at the offset stands for: where the word stands, and its entry.
struct FoundName {
  source::Span span;
  const resolve::Entry* entry = nullptr;
};
[[nodiscard]] std::optional<FoundName> name_at(const View& view, std::uint32_t offset);

/// A word in an option is another declaration's name: not one of the option's own words.
[[nodiscard]] bool is_reference(const connectors::OptionSpec* spec, std::string_view word);

/// The rules of names of the language: lower case, not reserved.
[[nodiscard]] bool is_name(std::string_view text);

}  // namespace smarthl7::lsp

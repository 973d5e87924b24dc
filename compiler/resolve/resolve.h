// SPDX-License-Identifier: Apache-2.0
// Names: every declaration of a project by its name, the parts of the standard library that it uses, and what each
// written name refers to. One name space per project; order does not matter.
// A Project owns its parsed files; the SourceSet outlives it. Immutable after resolve(); any thread may read.
// Mistakes go to the sink. A name whose declaration could not be read is poisoned: its uses stay silent.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace smarthl7::resolve {

using DeclKind = syntax::DeclKind;

/// A declaration as the project knows it: `steady`, or `std.retry.standard` for one of the standard library.
struct Entry {
  std::string_view name;
  const syntax::Declaration* declaration = nullptr;
  DeclKind kind = DeclKind::error;  // of a poisoned one: what it was meant to be
  bool poisoned = false;            // its head was read at most
  bool standard = false;            // of the standard library
  bool imported = true;             // false: of a module without `use`
};

class Project {
 public:
  std::vector<syntax::ParsedFile> files;                  // of the author, in the order given
  std::vector<syntax::ParsedFile> standard;               // modules of the standard library
  std::unordered_map<syntax::NodeId, const Entry*> uses;  // Name or NameExpr -> what it means; none if unknown
  std::map<std::string, Entry, std::less<>> names;
  syntax::NodeId end_id = 0;  // one past the largest NodeId

  [[nodiscard]] const Entry* find(std::string_view name) const;
  /// What a name refers to, after resolve(); null if unknown (which was reported).
  [[nodiscard]] const Entry* use_of(const syntax::Node& name) const;
  /// The declaration that a name refers to if it is of type T and was read; else null, and later passes stay silent.
  template <class T>
  [[nodiscard]] const T* declared(const syntax::Node* name) const {
    if (name == nullptr) return nullptr;
    const Entry* entry = use_of(*name);
    if (entry == nullptr || entry->poisoned) return nullptr;
    return entry->declaration->try_as<T>();
  }
  /// The author's declarations of one kind that were read, by name.
  template <class T>
  [[nodiscard]] std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const auto& [name, entry] : names) {
      if (entry.standard || entry.poisoned) continue;
      if (const T* declaration = entry.declaration->template try_as<T>()) found.push_back(declaration);
    }
    return found;
  }
};

/// Parses the modules of the standard library, collects the declarations, resolves every name that stands in a place for
/// names. Words in expressions and option values are resolved by the checker, with lookup().
[[nodiscard]] Project resolve(std::vector<syntax::ParsedFile> files, source::SourceSet& sources, diag::Sink& sink);

/// The entry of that name if it is of one of these kinds. Otherwise reports it (unknown, with a suggestion among names of
/// these kinds; or of another kind) and returns null. A poisoned one: null, silently.
const Entry* lookup(const Project& project, std::string_view name, source::Span span, std::initializer_list<DeclKind> kinds,
                    diag::Sink& sink);

/// "a destination", "a message": with its article.
[[nodiscard]] std::string_view with_article(DeclKind kind);

}  // namespace smarthl7::resolve

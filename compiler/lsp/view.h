// SPDX-License-Identifier: Apache-2.0
// What a request about a document sees: the newest check of its project, the document's tree and text. Internal to this
// folder. Lives for one request, on its stack; the workspace outlives it. One thread; nothing fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "compiler/check/model.h"
#include "compiler/driver/analysis.h"
#include "compiler/lsp/json.h"
#include "compiler/lsp/text.h"
#include "compiler/lsp/tree.h"
#include "compiler/lsp/workspace.h"

namespace smarthl7::lsp {

/// What the client can do.
struct Client {
  Encoding encoding = Encoding::utf16;
  bool snippets = false;
  bool pull = false;               // it asks for diagnostics; nothing is published
  bool virtual_documents = false;  // it can open `smarthl7:` documents
  bool path_hints = true;
};

struct View {
  const Workspace& workspace;
  const driver::Analysis& analysis;
  const syntax::ParsedFile& tree;
  const Client& client;
  Lines lines;  // of the document

  [[nodiscard]] std::string_view text() const { return lines.text(); }
  [[nodiscard]] std::uint32_t offset(Position position) const { return lines.offset(position, client.encoding); }
  [[nodiscard]] Range range(source::Span span) const { return lines.range(span.begin, span.end, client.encoding); }
  [[nodiscard]] Range range(std::uint32_t begin, std::uint32_t end) const { return lines.range(begin, end, client.encoding); }
  [[nodiscard]] std::string_view text(source::Span span) const { return analysis.sources.text(span); }
  /// A place in any file of the project, or of the standard library if the client can open that; empty otherwise.
  [[nodiscard]] json::value place(source::Span span) const;
  [[nodiscard]] std::string uri(source::FileId file) const;
};

/// Module texts of the standard library as documents: `smarthl7:/std.retry.route`.
[[nodiscard]] std::string standard_uri(std::string_view module);

/// The standard's names on the way down a path.
struct PathParts {
  std::string segment;
  std::optional<check::PartInfo> field;
  std::optional<check::PartInfo> component;
  std::optional<check::PartInfo> subcomponent;

  /// The last part there is; null for a whole segment.
  [[nodiscard]] const check::PartInfo* last() const;
};
[[nodiscard]] PathParts parts_of(const check::MessageModel& model, const check::ResolvedPath& path);
/// "Patient Identifier List / Assigning Authority / Namespace ID".
[[nodiscard]] std::string names_of(const PathParts& parts, std::string_view between);

/// Models of message types, made once for each that comes up in a row.
class Models {
 public:
  const check::MessageModel& of(const check::MessageType& type);

 private:
  std::optional<check::MessageModel> model_;
};

/// "a text in one line" of several doc lines.
[[nodiscard]] std::string docs_of(const syntax::Declaration& declaration);
/// What a declaration is, in one line: "source lab_feed = mllp".
[[nodiscard]] std::string headline(const driver::Analysis& analysis, const resolve::Entry& entry);

}  // namespace smarthl7::lsp

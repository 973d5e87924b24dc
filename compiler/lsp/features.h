// SPDX-License-Identifier: Apache-2.0
// What the server answers, one function for each request of LSP 3.17. Internal to this folder. All facts come from the check
// (facts.h, the resolved project) and the specs of the standard library; nothing is parsed or checked here.
// Pure functions of a view; one thread; what there is no answer to is null or empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lsp/json.h"
#include "compiler/lsp/view.h"

namespace smarthl7::lsp {

// ---- hover.cc, signature.cc
[[nodiscard]] json::value hover(const View& view, std::uint32_t offset);
[[nodiscard]] json::value signature_help(const View& view, std::uint32_t offset);
/// A function as Markdown: signature, what it does, when it fails, examples.
[[nodiscard]] std::string function_text(std::string_view name);
/// An option as Markdown.
[[nodiscard]] std::string option_text(const connectors::OptionSpec& spec);
/// A field or component in a few words: "CX, table 0363, 1..*".
[[nodiscard]] std::string part_text(const check::PartInfo& part);

// ---- completion.cc
[[nodiscard]] json::value completion(const View& view, std::uint32_t offset);

// ---- navigation.cc
[[nodiscard]] json::value definition(const View& view, std::uint32_t offset);
[[nodiscard]] json::value references(const View& view, std::uint32_t offset, bool with_declaration);
[[nodiscard]] json::value highlights(const View& view, std::uint32_t offset);
/// An answer, or why not.
struct Renamed {
  json::value result;
  std::string refusal;
};
[[nodiscard]] Renamed prepare_rename(const View& view, std::uint32_t offset);
[[nodiscard]] Renamed rename(const View& view, std::uint32_t offset, std::string_view name);

// ---- symbols.cc
[[nodiscard]] json::value document_symbols(const View& view);
[[nodiscard]] json::array workspace_symbols(const Workspace& workspace, const Client& client, const Project& project,
                                            std::string_view query);
[[nodiscard]] json::value folding(const View& view);
[[nodiscard]] json::value links(const View& view);
[[nodiscard]] json::value lenses(const View& view);

// ---- tokens.cc, hints.cc
[[nodiscard]] std::vector<std::uint32_t> semantic_tokens(const View& view, std::uint32_t begin, std::uint32_t end);
[[nodiscard]] json::object token_legend();
[[nodiscard]] json::value inlay_hints(const View& view, std::uint32_t begin, std::uint32_t end);

// ---- formatting.cc
/// Edits that give the one format; only those that touch lines of the range, if there is one. Null: it cannot be read.
[[nodiscard]] json::value formatting(const View& view, const Range* range);

// ---- diagnostics.cc
[[nodiscard]] json::array diagnostics_of(const Workspace& workspace, const Client& client, const driver::Analysis& analysis,
                                         const source::SourceFile& file);
[[nodiscard]] json::value code_actions(const View& view, Range range, const json::value& context);

}  // namespace smarthl7::lsp

// SPDX-License-Identifier: Apache-2.0
#include "compiler/diag/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "compiler/diag/json.h"
#include "stdlib/base/digest.h"

namespace smarthl7::diag {
namespace {

using source::SourceFile;
using source::SourceSet;

constexpr std::string_view kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A path as an URI reference (RFC 3986): what may not stand in one is escaped.
std::string uri_of(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  if (path.starts_with("./")) path.remove_prefix(2);
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string message(std::string_view text) { return fmt::format(R"({{"text":{}}})", json_quote(text)); }

class Log {
 public:
  Log(const SourceSet& sources, const PageOf& page_of) : sources_(sources), page_of_(page_of) {}

  std::string run(std::span<const Diagnostic> diagnostics, std::span<const Silenced> silenced, std::string_view version) {
    std::set<Code> codes;
    for (const Diagnostic& one : diagnostics) codes.insert(one.code);
    for (const Silenced& one : silenced) codes.insert(one.diagnostic.code);
    rules_.assign(codes.begin(), codes.end());
    std::string results;
    const auto add = [&results](const std::string& result) {
      results += results.empty() ? "\n      " : ",\n      ";
      results += result;
    };
    for (const Diagnostic& one : diagnostics) add(result(one, nullptr));
    for (const Silenced& one : silenced) add(result(one.diagnostic, &one.reason));
    std::string rules;
    for (const Code code : rules_) {
      rules += rules.empty() ? "\n        " : ",\n        ";
      rules += rule(code);
    }
    return fmt::format(R"({{
  "$schema": "{}",
  "version": "2.1.0",
  "runs": [{{
      "tool": {{"driver": {{"name": "SmartHL7", "version": {}, "rules": [{}]}}}},
      "columnKind": "unicodeCodePoints",
      "results": [{}]
  }}]
}}
)",
                       kSchema, json_quote(version), rules, results);
  }

 private:
  [[nodiscard]] std::string rule(Code code) const {
    const CodeInfo& about = info(code);
    const std::optional<std::string_view> page = page_of_ ? page_of_(about.name) : std::nullopt;
    std::string out = fmt::format(R"({{"id":"{}","shortDescription":{},"defaultConfiguration":{{"level":"{}"}})", about.name,
                                  message(about.title), name_of(about.severity));
    if (page) out += fmt::format(R"(,"help":{{"text":{0},"markdown":{0}}})", json_quote(*page));
    return out + '}';
  }

  [[nodiscard]] std::string region(Span span) const {
    const SourceFile& file = sources_.get(span);
    const source::Position begin = file.position(span.begin);
    const source::Position end = file.position(span.end);
    return fmt::format(R"({{"startLine":{},"startColumn":{},"endLine":{},"endColumn":{}}})", begin.line, begin.column, end.line,
                       end.column);
  }
  [[nodiscard]] std::string artifact(Span span) const {
    return fmt::format(R"({{"uri":{}}})", json_quote(uri_of(sources_.get(span).path())));
  }
  [[nodiscard]] std::string physical(Span span) const {
    return fmt::format(R"("physicalLocation":{{"artifactLocation":{},"region":{}}})", artifact(span), region(span));
  }

  /// What was found, what is marked, the way out: a result has one text.
  [[nodiscard]] static std::string text_of(const Diagnostic& diagnostic) {
    std::string text = diagnostic.message;
    if (!diagnostic.label.empty()) text += " (" + diagnostic.label + ")";
    if (!diagnostic.help.empty()) text += "\nhelp: " + diagnostic.help;
    for (const std::string& note : diagnostic.notes) text += "\nnote: " + note;
    return text;
  }

  /// The same for a finding that only moved: its code, file and line's text.
  [[nodiscard]] std::string fingerprint(const Diagnostic& diagnostic) const {
    const SourceFile& file = sources_.get(diagnostic.span);
    std::string_view line = file.line_text(file.line_of(diagnostic.span.begin));
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    return to_hex(sha256(fmt::format("{}\n{}\n{}", name_of(diagnostic.code), file.path(), line))).substr(0, 32);
  }

  [[nodiscard]] std::string fix(const Fix& fix) const {
    std::vector<source::FileId> files;
    for (const Edit& edit : fix.edits) {
      if (std::find(files.begin(), files.end(), edit.span.file) == files.end()) files.push_back(edit.span.file);
    }
    const auto change = [&](source::FileId id) {
      std::string edits;
      for (const Edit& edit : fix.edits) {
        if (edit.span.file != id) continue;
        if (!edits.empty()) edits += ',';
        edits += fmt::format(R"({{"deletedRegion":{},"insertedContent":{}}})", region(edit.span), message(edit.replacement));
      }
      return fmt::format(R"({{"artifactLocation":{},"replacements":[{}]}})", artifact(Span{id, 0, 0}), edits);
    };
    return fmt::format(R"({{"description":{},"artifactChanges":{}}})", message(fix.title), json_array(files, change));
  }

  [[nodiscard]] std::string result(const Diagnostic& diagnostic, const std::string* silenced) const {
    const auto at = std::lower_bound(rules_.begin(), rules_.end(), diagnostic.code);
    std::string out = fmt::format(
        R"({{"ruleId":"{}","ruleIndex":{},"level":"{}","message":{},"locations":[{{{}}}],"partialFingerprints":{{"line/v1":"{}"}})",
        name_of(diagnostic.code), at - rules_.begin(), name_of(diagnostic.severity()), message(text_of(diagnostic)),
        physical(diagnostic.span), fingerprint(diagnostic));
    if (!diagnostic.secondary.empty()) {
      std::size_t id = 0;
      out += ",\"relatedLocations\":" + json_array(diagnostic.secondary, [&](const Label& label) {
               return fmt::format(R"({{"id":{},{},"message":{}}})", ++id, physical(label.span), message(label.text));
             });
    }
    if (!diagnostic.fixes.empty())
      out += ",\"fixes\":" + json_array(diagnostic.fixes, [this](const Fix& one) { return fix(one); });
    if (silenced != nullptr)
      out += fmt::format(R"(,"suppressions":[{{"kind":"inSource","justification":{}}}])", json_quote(*silenced));
    return out + '}';
  }

  const SourceSet& sources_;
  const PageOf& page_of_;
  std::vector<Code> rules_;
};

}  // namespace

std::string render_sarif(std::span<const Diagnostic> diagnostics, std::span<const Silenced> silenced, const SourceSet& sources,
                         std::string_view version, const PageOf& page_of) {
  return Log(sources, page_of).run(diagnostics, silenced, version);
}

}  // namespace smarthl7::diag

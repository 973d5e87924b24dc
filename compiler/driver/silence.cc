// SPDX-License-Identifier: Apache-2.0
#include "compiler/driver/silence.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace smarthl7::driver {
namespace {

using diag::Code;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// `W0401`, a letter and four digits; whether there is such a code is another question.
bool looks_like_code(std::string_view word) {
  return word.size() == 5 && (word[0] == 'W' || word[0] == 'E') &&
         std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A comment as understood. One that does not begin with `allow` and a code is an ordinary comment.
struct Allow {
  source::Span span;
  std::uint32_t line = 0;  // the line that it speaks of
  std::vector<std::pair<Code, source::Span>> codes;
  std::vector<bool> used;
  std::string reason;
};

class Silencer {
 public:
  Silencer(std::vector<diag::Diagnostic> diagnostics, const source::SourceSet& sources)
      : sources_(sources), diagnostics_(std::move(diagnostics)) {}

  void file(const syntax::ParsedFile& file) {
    for (const syntax::Comment& comment : file.comments) {
      if (!comment.doc) read(*file.source, comment);
    }
  }

  Spoken run(bool complete) {
    Spoken result;
    for (diag::Diagnostic& one : diagnostics_) {
      if (const Allow* allow = allowing(one)) {
        result.silenced.push_back({std::move(one), allow->reason});
      } else {
        result.diagnostics.push_back(std::move(one));
      }
    }
    if (complete) report_unused();
    result.diagnostics.insert(result.diagnostics.end(), own_.begin(), own_.end());
    std::stable_sort(result.diagnostics.begin(), result.diagnostics.end(),
                     [](const diag::Diagnostic& a, const diag::Diagnostic& b) {
                       return std::pair(a.span.file, a.span.begin) < std::pair(b.span.file, b.span.begin);
                     });
    return result;
  }

 private:
  void read(const source::SourceFile& source, const syntax::Comment& comment) {
    const std::string_view text = source.text(comment.span);
    std::string_view rest = trimmed(text.substr(std::min<std::size_t>(2, text.size())));
    constexpr std::string_view kWord = "allow ";
    if (!rest.starts_with(kWord)) return;
    rest = trimmed(rest.substr(kWord.size()));
    if (!looks_like_code(rest.substr(0, 5))) return;
    Allow allow{comment.span, line_of(source, comment.span), {}, {}, {}};
    bool sound = true;
    for (;;) {
      const std::string_view word = rest.substr(0, std::min<std::size_t>(5, rest.size()));
      const auto offset = static_cast<std::uint32_t>(word.data() - source.bytes().data());
      const source::Span span{source.id(), offset, offset + static_cast<std::uint32_t>(word.size())};
      sound = add_code(allow, word, span) && sound;
      rest = trimmed(rest.substr(word.size()));
      if (!rest.starts_with(',')) break;
      rest = trimmed(rest.substr(1));
    }
    constexpr std::string_view kBecause = "because";
    if (rest.starts_with(kBecause)) allow.reason = std::string(trimmed(rest.substr(kBecause.size())));
    if (allow.reason.empty()) {
      complain(comment.span, "a warning is silenced only with a reason",
               "write `// allow W0401 because ...`; the reason is kept in SARIF and shown in reviews");
      sound = false;
    }
    if (!sound) return;
    allow.used.resize(allow.codes.size());
    allows_.push_back(std::move(allow));
  }

  bool add_code(Allow& allow, std::string_view word, source::Span span) {
    const std::optional<Code> code = diag::code_named(word);
    if (!code) {
      complain(span, fmt::format("there is no code `{}`", word), "codes look like W0401; `check` prints them in brackets");
      return false;
    }
    if (diag::info(*code).severity == diag::Severity::error) {
      complain(span, fmt::format("`{}` is an error, and only warnings can be silenced", word),
               fmt::format("`smarthl7 explain {}` shows how to write it", word));
      return false;
    }
    allow.codes.emplace_back(*code, span);
    return true;
  }

  void complain(source::Span span, std::string message, std::string help) {
    diag::Diagnostic diagnostic;
    diagnostic.code = Code::E0215;
    diagnostic.span = span;
    diagnostic.message = std::move(message);
    diagnostic.help = std::move(help);
    own_.push_back(std::move(diagnostic));
  }

  /// Its own line if something stands before it; else the next line that is not a comment alone.
  static std::uint32_t line_of(const source::SourceFile& source, source::Span comment) {
    std::uint32_t line = source.line_of(comment.begin);
    const std::uint32_t start = source.line_start(line);
    if (!trimmed(source.bytes().substr(start, comment.begin - start)).empty()) return line;
    while (line < source.line_count()) {
      const std::string_view text = trimmed(source.line_text(++line));
      if (!text.empty() && !text.starts_with("//")) break;
    }
    return line;
  }

  const Allow* allowing(const diag::Diagnostic& one) {
    if (one.severity() != diag::Severity::warning) return nullptr;
    for (Allow& allow : allows_) {
      if (allow.span.file != one.span.file || sources_.get(one.span).line_of(one.span.begin) != allow.line) continue;
      for (std::size_t i = 0; i < allow.codes.size(); ++i) {
        if (allow.codes[i].first != one.code) continue;
        allow.used[i] = true;
        return &allow;
      }
    }
    return nullptr;
  }
  void report_unused() {
    for (const Allow& allow : allows_) {
      for (std::size_t i = 0; i < allow.codes.size(); ++i) {
        if (allow.used[i]) continue;
        diag::Diagnostic diagnostic;
        diagnostic.code = Code::W0202;
        diagnostic.span = allow.codes[i].second;
        diagnostic.message = fmt::format("nothing on this line gives `{}`", diag::name_of(allow.codes[i].first));
        diagnostic.help = "take the comment out; it would hide the next one";
        own_.push_back(std::move(diagnostic));
      }
    }
  }

  const source::SourceSet& sources_;
  std::vector<diag::Diagnostic> diagnostics_;
  std::vector<Allow> allows_;
  std::vector<diag::Diagnostic> own_;
};

}  // namespace

Spoken silence(std::vector<diag::Diagnostic> diagnostics, std::span<const syntax::ParsedFile> files,
               const source::SourceSet& sources, bool complete) {
  Silencer silencer(std::move(diagnostics), sources);
  for (const syntax::ParsedFile& file : files) silencer.file(file);
  return silencer.run(complete);
}

}  // namespace smarthl7::driver

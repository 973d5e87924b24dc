// SPDX-License-Identifier: Apache-2.0
#include "compiler/diag/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "compiler/diag/json.h"

namespace smarthl7::diag {
namespace {

using source::SourceFile;
using source::SourceSet;

constexpr std::uint32_t kTabWidth = 4;
constexpr std::uint32_t kMaxShownColumns = 160;

/// Columns that a code point takes on a terminal.
std::uint32_t width_of(char32_t point) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  constexpr std::array<Range, 5> kNone{
      {{0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};
  constexpr std::array<Range, 8> kWide{{{0x1100, 0x115F},
                                        {0x2E80, 0x303E},
                                        {0x3041, 0xA4CF},
                                        {0xAC00, 0xD7A3},
                                        {0xF900, 0xFAFF},
                                        {0xFE30, 0xFE6F},
                                        {0xFF00, 0xFF60},
                                        {0x1F300, 0x1FAFF}}};
  const auto in = [point](const Range& range) { return range.first <= point && point <= range.last; };
  if (std::any_of(kNone.begin(), kNone.end(), in)) return 0;
  if (std::any_of(kWide.begin(), kWide.end(), in)) return 2;
  return 1;
}

/// A line as it is shown: tabs as blanks, control characters as dots, and the column at which each byte stands.
struct ShownLine {
  std::string text;
  std::vector<std::uint32_t> column;  // one entry per byte of the line, and one for its end
};

ShownLine show(std::string_view line) {
  ShownLine shown;
  std::uint32_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const source::CodePoint point = source::decode_utf8(line, at);
    for (std::uint32_t i = 0; i < point.length; ++i) shown.column.push_back(column);
    if (point.value == U'\t') {
      const std::uint32_t to = (column / kTabWidth + 1) * kTabWidth;
      shown.text.append(to - column, ' ');
      column = to;
    } else if (!point.valid) {
      shown.text += "\xEF\xBF\xBD";
      column += 1;
    } else if (point.value < 0x20 || point.value == 0x7F) {
      shown.text += '.';
      column += 1;
    } else {
      shown.text.append(line.substr(at, point.length));
      column += width_of(point.value);
    }
    at += point.length;
  }
  shown.column.push_back(column);
  return shown;
}

struct Paint {
  bool on;
  [[nodiscard]] std::string operator()(std::string_view style, std::string_view text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string(text);
  }
};
constexpr std::string_view kRed = "1;31";
constexpr std::string_view kYellow = "1;33";
constexpr std::string_view kBlue = "1;34";
constexpr std::string_view kCyan = "1;36";
constexpr std::string_view kBold = "1";

struct Mark {
  Span span;
  std::string_view text;
  bool primary;
};

class HumanRenderer {
 public:
  HumanRenderer(const Diagnostic& diagnostic, const SourceSet& sources, Colours colours)
      : diagnostic_(diagnostic), sources_(sources), paint_{colours == Colours::yes} {}

  /// `head` instead of the diagnostic's first line, if it is not empty.
  std::string run(std::string_view head = {}) {
    const SourceFile& file = sources_.get(diagnostic_.span);
    const source::Position at = file.position(diagnostic_.span.begin);
    gutter_ = std::to_string(last_line()).size();
    const std::string_view accent = diagnostic_.severity() == Severity::error ? kRed : kYellow;
    if (head.empty()) {
      out_ += paint_(accent, fmt::format("{}[{}]", name_of(diagnostic_.severity()), name_of(diagnostic_.code)));
      out_ += paint_(kBold, ": " + diagnostic_.message) + '\n';
    } else {
      out_ += paint_(kBold, head) + '\n';
    }
    out_ += fmt::format("{:{}}{} {}:{}:{}\n", "", gutter_, paint_(kBlue, "-->"), file.path(), at.line, at.column);
    bar_line("");
    marks();
    if (!diagnostic_.help.empty()) tail("help", diagnostic_.help);
    for (const std::string& note : diagnostic_.notes) tail("note", note);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::uint32_t last_line() const {
    std::uint32_t last = sources_.get(diagnostic_.span).line_of(last_byte(diagnostic_.span));
    for (const Label& label : diagnostic_.secondary)
      last = std::max(last, sources_.get(label.span).line_of(last_byte(label.span)));
    return last;
  }
  static std::uint32_t last_byte(Span span) { return span.end > span.begin ? span.end - 1 : span.begin; }

  void bar_line(std::string_view rest) {
    out_ += fmt::format("{:{}} {}", "", gutter_, paint_(kBlue, "|"));
    if (!rest.empty()) out_ += fmt::format(" {}", rest);
    out_ += '\n';
  }
  void tail(std::string_view what, std::string_view text) {
    std::string_view rest = text;
    for (bool first = true; first || !rest.empty(); first = false) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view head = first ? "= " : "  ";
      out_ += fmt::format("{:{}} {}{}{}\n", "", gutter_, head, paint_(kCyan, first ? fmt::format("{}: ", what) : "      "),
                          rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void marks() {
    std::vector<Mark> marks{{diagnostic_.span, diagnostic_.label, true}};
    for (const Label& label : diagnostic_.secondary) marks.push_back({label.span, label.text, false});
    source::FileId file = diagnostic_.span.file;
    std::stable_sort(marks.begin(), marks.end(), [file](const Mark& a, const Mark& b) {
      return std::tuple(a.span.file != file, a.span.file, a.span.begin) <
             std::tuple(b.span.file != file, b.span.file, b.span.begin);
    });
    std::uint32_t shown_line = 0;
    for (const Mark& mark : marks) {
      if (mark.span.file != file) {
        file = mark.span.file;
        shown_line = 0;
        const source::Position at = sources_.get(file).position(mark.span.begin);
        out_ +=
            fmt::format("{:{}}{} {}:{}:{}\n", "", gutter_, paint_(kBlue, ":::"), sources_.get(file).path(), at.line, at.column);
      }
      shown_line = one_mark(mark, shown_line);
    }
  }

  void source_line(const SourceFile& file, std::uint32_t line) {
    out_ += paint_(kBlue, fmt::format("{:>{}} |", line, gutter_));
    const std::string text = show(file.line_text(line)).text;
    if (!text.empty()) out_ += ' ' + text;
    out_ += '\n';
  }

  /// The line of the mark (unless it was just shown) and its carets; returns the last line shown.
  std::uint32_t one_mark(const Mark& mark, std::uint32_t shown_line) {
    const SourceFile& file = sources_.get(mark.span);
    const std::uint32_t first = file.line_of(mark.span.begin);
    const std::uint32_t last = file.line_of(last_byte(mark.span));
    if (shown_line != 0 && first > shown_line + 1) bar_line("...");
    if (first != shown_line) source_line(file, first);
    const std::uint32_t first_end =
        first == last ? mark.span.end : file.line_start(first) + static_cast<std::uint32_t>(file.line_text(first).size());
    carets(file, first, mark.span.begin, first_end, first == last ? mark : Mark{mark.span, "from here", mark.primary});
    if (first == last) return first;
    if (last > first + 1) bar_line("...");
    source_line(file, last);
    carets(file, last, file.line_start(last), mark.span.end,
           {mark.span, mark.text.empty() ? "to here" : mark.text, mark.primary});
    return last;
  }

  void carets(const SourceFile& file, std::uint32_t line, std::uint32_t begin, std::uint32_t end, const Mark& mark) {
    const ShownLine shown = show(file.line_text(line));
    const std::uint32_t start = file.line_start(line);
    const auto column = [&](std::uint32_t offset) {
      return shown.column[std::min<std::size_t>(offset - start, shown.column.size() - 1)];
    };
    const std::uint32_t from = column(begin);
    const std::uint32_t to = std::clamp(column(std::max(end, begin)), from + 1, from + kMaxShownColumns);
    std::string text(from, ' ');
    std::string pointer(to - from, mark.primary ? '^' : '-');
    if (!mark.text.empty()) pointer += fmt::format(" {}", mark.text);
    bar_line(text + paint_(mark.primary ? kRed : kBlue, pointer));
  }

  const Diagnostic& diagnostic_;
  const SourceSet& sources_;
  Paint paint_;
  std::size_t gutter_ = 1;
  std::string out_;
};

std::string json_range(Span span, const SourceFile& file) {
  const source::Position begin = file.position(span.begin);
  const source::Position end = file.position(span.end);
  return fmt::format(R"({{"start":{{"line":{},"column":{}}},"end":{{"line":{},"column":{}}}}})", begin.line, begin.column,
                     end.line, end.column);
}

std::string json_fix(const Fix& fix, const SourceSet& sources) {
  return fmt::format(R"({{"title":{},"edits":{}}})", json_quote(fix.title), json_array(fix.edits, [&](const Edit& edit) {
                       const SourceFile& file = sources.get(edit.span);
                       return fmt::format(R"({{"file":{},"range":{},"replacement":{}}})", json_quote(file.path()),
                                          json_range(edit.span, file), json_quote(edit.replacement));
                     }));
}

}  // namespace

std::string render_place(std::string_view head, Span span, std::string label, const SourceSet& sources, Colours colours) {
  Diagnostic place;  // only its span and label are shown
  place.span = span;
  place.label = std::move(label);
  return HumanRenderer(place, sources, colours).run(head);
}

std::string render_human(const Diagnostic& diagnostic, const SourceSet& sources, Colours colours) {
  return HumanRenderer(diagnostic, sources, colours).run();
}

std::string render_json(const Diagnostic& diagnostic, const SourceSet& sources) {
  const SourceFile& file = sources.get(diagnostic.span);
  std::string out = fmt::format(R"({{"code":"{}","severity":"{}","message":{},"file":{},"range":{})", name_of(diagnostic.code),
                                name_of(diagnostic.severity()), json_quote(diagnostic.message), json_quote(file.path()),
                                json_range(diagnostic.span, file));
  out += fmt::format(R"(,"label":{},"help":{})", json_quote(diagnostic.label), json_quote(diagnostic.help));
  out += ",\"related\":" + json_array(diagnostic.secondary, [&](const Label& label) {
           const SourceFile& other = sources.get(label.span);
           return fmt::format(R"({{"file":{},"range":{},"message":{}}})", json_quote(other.path()),
                              json_range(label.span, other), json_quote(label.text));
         });
  out += ",\"notes\":" + json_array(diagnostic.notes, [](const std::string& note) { return json_quote(note); });
  out += ",\"fixes\":" + json_array(diagnostic.fixes, [&](const Fix& fix) { return json_fix(fix, sources); });
  return out + '}';
}

std::string render_json(std::span<const Diagnostic> diagnostics, const SourceSet& sources) {
  std::string out = "[";
  for (std::size_t i = 0; i < diagnostics.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    out += render_json(diagnostics[i], sources);
  }
  return out + (diagnostics.empty() ? "]\n" : "\n]\n");
}

std::string apply_fixes(const SourceFile& file, std::span<const Fix> fixes) {
  std::vector<Edit> chosen;
  const auto overlaps = [&chosen](const Edit& edit) {
    return std::any_of(chosen.begin(), chosen.end(), [&edit](const Edit& other) {
      if (edit.span == other.span) return true;
      return edit.span.begin < other.span.end && other.span.begin < edit.span.end;
    });
  };
  for (const Fix& fix : fixes) {
    const bool here = std::all_of(fix.edits.begin(), fix.edits.end(), [&](const Edit& edit) {
      return edit.span.file == file.id() && edit.span.begin <= edit.span.end && edit.span.end <= file.size();
    });
    if (!here || std::any_of(fix.edits.begin(), fix.edits.end(), overlaps)) continue;
    chosen.insert(chosen.end(), fix.edits.begin(), fix.edits.end());
  }
  std::stable_sort(chosen.begin(), chosen.end(), [](const Edit& a, const Edit& b) { return a.span < b.span; });
  std::string out;
  std::uint32_t at = 0;
  for (const Edit& edit : chosen) {
    if (edit.span.begin < at) continue;
    out.append(file.bytes().substr(at, edit.span.begin - at)).append(edit.replacement);
    at = edit.span.end;
  }
  return out.append(file.bytes().substr(at));
}

std::vector<Fix> first_fixes(std::span<const Diagnostic> diagnostics) {
  std::vector<Fix> result;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!diagnostic.fixes.empty()) result.push_back(diagnostic.fixes.front());
  }
  return result;
}

}  // namespace smarthl7::diag

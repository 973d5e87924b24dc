// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "runtime/trial/report.h"

namespace smarthl7::trial {
namespace {

constexpr std::size_t kMostText = 70;

source::Span span_of(const plan::TrialSpan& span) { return {span.file, span.begin, span.end}; }

std::string paint(diag::Colours colours, std::string_view style, std::string_view text) {
  return colours == diag::Colours::yes ? fmt::format("\x1b[{}m{}\x1b[0m", style, text) : std::string(text);
}

std::string time_text(double seconds) {
  if (seconds < 0) return {};
  return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1000) : fmt::format("{:.2f} s", seconds);
}

/// Marks under changed fields in yellow, the rest as it is.
std::string detail_line(const std::string& line, diag::Colours colours) {
  const bool marks = line.find('~') != std::string::npos && line.find_first_not_of(" ~") == std::string::npos;
  return marks ? paint(colours, "1;33", line) : line;
}

std::string failure_text(const TestReport& one, const Failure& failure, const source::SourceSet& sources,
                         diag::Colours colours) {
  const std::string head = paint(colours, "1;31", "failed") + ": " + one.test->title;
  std::string out = diag::render_place(head, span_of(failure.span), failure.message, sources, colours);
  for (const std::string& line : failure.details) out += "     " + detail_line(line, colours) + "\n";
  return out + "\n";
}

std::string percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? "-"
                    : fmt::format("{:.0f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole) -
                                                  (part < whole ? 0.4999 : 0.0));
}

std::string source_line(const FileCoverage& file, const Point& point, const source::SourceSet& sources,
                        const std::string& root) {
  const std::string path = root.empty() ? file.path : root.ends_with('/') ? root + file.path : root + "/" + file.path;
  for (source::FileId id = 0; id < sources.size(); ++id) {
    const source::SourceFile& source = sources.get(id);
    if (source.path() != path && source.path() != file.path && !source.path().ends_with("/" + file.path)) continue;
    std::string_view line = source.line_text(point.line);
    const std::size_t begin = source.offset({point.line, point.column}) - source.line_start(point.line);
    line.remove_prefix(std::min(begin, line.size()));
    return line.size() > kMostText ? std::string(line.substr(0, kMostText)) + "..." : std::string(line);
  }
  return point.kind;
}

}  // namespace

std::size_t Report::failed() const {
  return static_cast<std::size_t>(std::ranges::count_if(tests, [](const TestReport& one) { return !one.outcome.passed(); }));
}

std::string human(const Report& report, const source::SourceSet& sources, diag::Colours colours) {
  std::string out;
  std::string problems;
  std::string_view file;
  for (const TestReport& one : report.tests) {
    const std::string& path = sources.get(one.test->span.file).path();
    if (path != file) {
      out += path + "\n";
      file = path;
    }
    const bool passed = one.outcome.passed();
    const std::string mark = passed ? paint(colours, "32", "ok    ") : paint(colours, "1;31", "FAILED");
    const std::string time = time_text(one.seconds);
    out += fmt::format("  {}  {}{}\n", mark, one.test->title, time.empty() ? "" : "  (" + time + ")");
    for (const Failure& failure : one.outcome.failures) problems += failure_text(one, failure, sources, colours);
    if (one.outcome.error.empty()) continue;
    const std::string head = paint(colours, "1;31", "error") + ": " + one.test->title;
    problems += diag::render_place(head, span_of(one.test->span), one.outcome.error, sources, colours) + "\n";
  }
  const std::size_t failed = report.failed();
  const std::size_t all = report.tests.size();
  out += "\n" + problems;
  const std::string time = time_text(report.seconds);
  out += fmt::format("{} test{}: {} passed, {} failed{}{}\n", all, all == 1 ? "" : "s", all - failed, failed,
                     report.left_out == 0 ? "" : fmt::format(", {} left out by the filter", report.left_out),
                     time.empty() ? "" : ", " + time);
  if (failed > 0) out += fmt::format("the same again: --seed {}\n", report.seed);
  return out;
}

std::string human_coverage(const Report& report, const source::SourceSet& sources, const std::string& root) {
  std::size_t width = 4;
  for (const FileCoverage& file : report.coverage) width = std::max(width, file.path.size());
  std::string out = fmt::format("\n{:<{}}  {:>14}  {:>14}\n", "file", width, "run", "ways taken");
  for (const FileCoverage& file : report.coverage) {
    const auto cell = [](std::size_t part, std::size_t whole) {
      return fmt::format("{}/{} {:>5}", part, whole, percent(part, whole));
    };
    out += fmt::format("{:<{}}  {:>14}  {:>14}\n", file.path, width, cell(file.run(), file.points.size()),
                       cell(file.taken(), file.ways()));
  }
  std::string never;
  std::string untaken;
  for (const FileCoverage& file : report.coverage) {
    std::uint32_t arm = 0;  // the line of one that never ran: its step on that line need not be named
    for (const Point& point : file.points) {
      if (point.runs == 0 && point.kind == "step" && point.line == arm) continue;
      if (point.runs == 0 && point.kind == "arm") arm = point.line;
      const std::string text = source_line(file, point, sources, root);
      const std::string place = fmt::format("{}:{}:{}", file.path, point.line, point.column);
      if (point.runs == 0) {
        never += fmt::format("  {:<{}}  {}\n", place, width + 7, text);
        continue;
      }
      for (const Way& way : point.ways) {
        if (way.taken == 0) untaken += fmt::format("  {:<{}}  {}: {}\n", place, width + 7, way.name, text);
      }
    }
  }
  if (!never.empty()) out += "\nnever run:\n" + never;
  if (!untaken.empty()) out += "\nrun, but never this way:\n" + untaken;
  return out;
}

}  // namespace smarthl7::trial

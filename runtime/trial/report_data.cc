// SPDX-License-Identifier: Apache-2.0
// JUnit's XML (testsuites, testsuite, testcase with failure or error) and JSON.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/diag/json.h"
#include "runtime/trial/report.h"

namespace smarthl7::trial {
namespace {

std::string xml_quote(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string seconds_text(double seconds) { return fmt::format("{:.3f}", std::max(seconds, 0.0)); }

std::string place_text(const plan::TrialSpan& span, const source::SourceSet& sources) {
  const source::SourceFile& file = sources.get(span.file);
  const source::Position at = file.position(span.begin);
  return fmt::format("{}:{}:{}", file.path(), at.line, at.column);
}

std::string testcase(const TestReport& one, const source::SourceSet& sources) {
  const std::string& path = sources.get(one.test->span.file).path();
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"", xml_quote(path),
                                xml_quote(one.test->title), seconds_text(one.seconds));
  if (one.outcome.passed()) return out + "/>\n";
  out += ">\n";
  // Readers show one failure of a case: the first carries the message, all stand in its text.
  if (!one.outcome.failures.empty()) {
    std::string text;
    for (const Failure& failure : one.outcome.failures) {
      text += fmt::format("{}: {}\n", place_text(failure.span, sources), failure.message);
      for (const std::string& line : failure.details) text += "  " + line + "\n";
    }
    const Failure& first = one.outcome.failures.front();
    std::string shown = xml_quote(text);
    for (std::size_t at = shown.find("&#10;"); at != std::string::npos; at = shown.find("&#10;", at))
      shown.replace(at, 5, "\n");
    out += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", xml_quote(first.kind),
                       xml_quote(first.message), shown);
  }
  if (!one.outcome.error.empty()) {
    out += fmt::format("      <error type=\"run\" message=\"{}\">{}</error>\n", xml_quote(one.outcome.error),
                       xml_quote(place_text(one.test->span, sources)));
  }
  return out + "    </testcase>\n";
}

std::string position(const source::SourceFile& file, std::uint32_t offset) {
  const source::Position at = file.position(offset);
  return fmt::format("{{\"line\":{},\"column\":{}}}", at.line, at.column);
}

std::string range(const plan::TrialSpan& span, const source::SourceSet& sources) {
  const source::SourceFile& file = sources.get(span.file);
  return fmt::format("\"file\":{},\"range\":{{\"start\":{},\"end\":{}}}", diag::json_quote(file.path()),
                     position(file, span.begin), position(file, span.end));
}

std::string json_strings(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + diag::json_quote(text);
  return "[" + out + "]";
}

std::string json_test(const TestReport& one, const source::SourceSet& sources) {
  std::string failures;
  for (const Failure& failure : one.outcome.failures) {
    failures += fmt::format("{}{{\"kind\":{},\"message\":{},{},\"details\":{}}}", failures.empty() ? "" : ",",
                            diag::json_quote(failure.kind), diag::json_quote(failure.message), range(failure.span, sources),
                            json_strings(failure.details));
  }
  const char* status = !one.outcome.error.empty() ? "error" : one.outcome.passed() ? "passed" : "failed";
  std::string out = fmt::format("{{\"name\":{},\"status\":\"{}\",{},\"seconds\":{},\"simulated_seconds\":{:.6f}",
                                diag::json_quote(one.test->title), status, range(one.test->span, sources),
                                seconds_text(one.seconds), static_cast<double>(one.outcome.simulated.count()) / 1e6);
  if (!one.outcome.error.empty()) out += ",\"error\":" + diag::json_quote(one.outcome.error);
  return out + ",\"failures\":[" + failures + "]}";
}

std::string json_coverage(const FileCoverage& file) {
  std::string never;
  std::string untaken;
  for (const Point& point : file.points) {
    const std::string place = fmt::format("\"line\":{},\"column\":{},\"kind\":\"{}\"", point.line, point.column, point.kind);
    if (point.runs == 0) never += fmt::format("{}{{{}}}", never.empty() ? "" : ",", place);
    for (const Way& way : point.ways) {
      if (point.runs == 0 || way.taken > 0) continue;
      untaken += fmt::format("{}{{{},\"way\":{}}}", untaken.empty() ? "" : ",", place, diag::json_quote(way.name));
    }
  }
  return fmt::format(
      "{{\"file\":{},\"points\":{{\"run\":{},\"all\":{}}},\"ways\":{{\"taken\":{},\"all\":{}}},\"never_run\":[{}],"
      "\"never_taken\":[{}]}}",
      diag::json_quote(file.path), file.run(), file.points.size(), file.taken(), file.ways(), never, untaken);
}

}  // namespace

std::string junit(const Report& report, const source::SourceSet& sources) {
  struct Suite {
    std::string name;
    std::string cases;
    std::size_t tests = 0, failures = 0, errors = 0;
    double seconds = 0;
  };
  std::vector<Suite> suites;
  std::size_t failures = 0;
  std::size_t errors = 0;
  for (const TestReport& one : report.tests) {
    const std::string& path = sources.get(one.test->span.file).path();
    if (suites.empty() || suites.back().name != path) suites.emplace_back().name = path;
    Suite& suite = suites.back();
    suite.cases += testcase(one, sources);
    ++suite.tests;
    suite.seconds += std::max(one.seconds, 0.0);
    // A case counts once, as its first element says.
    if (!one.outcome.failures.empty()) {
      ++suite.failures;
      ++failures;
    } else if (!one.outcome.error.empty()) {
      ++suite.errors;
      ++errors;
    }
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"smarthl7\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n",
                     report.tests.size(), failures, errors, seconds_text(report.seconds));
  for (const Suite& suite : suites) {
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{}\">\n",
                       xml_quote(suite.name), suite.tests, suite.failures, suite.errors, seconds_text(suite.seconds));
    out += fmt::format("    <properties><property name=\"seed\" value=\"{}\"/></properties>\n{}  </testsuite>\n", report.seed,
                       suite.cases);
  }
  return out + "</testsuites>\n";
}

std::string json(const Report& report, const source::SourceSet& sources) {
  std::string tests;
  for (const TestReport& one : report.tests) tests += (tests.empty() ? "\n" : ",\n") + json_test(one, sources);
  std::string out = fmt::format(
      "{{\"tests\":[{}],\n\"summary\":{{\"tests\":{},\"passed\":{},\"failed\":{},\"left_out\":{},"
      "\"seconds\":{},\"seed\":{}}}",
      tests, report.tests.size(), report.tests.size() - report.failed(), report.failed(), report.left_out,
      seconds_text(report.seconds), report.seed);
  if (report.with_coverage) {
    std::string files;
    for (const FileCoverage& file : report.coverage) files += (files.empty() ? "\n" : ",\n") + json_coverage(file);
    out += ",\n\"coverage\":[" + files + "]";
  }
  return out + "}\n";
}

}  // namespace smarthl7::trial

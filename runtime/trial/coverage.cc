// SPDX-License-Identifier: Apache-2.0
#include "runtime/trial/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace smarthl7::trial {
namespace {

using plan::Id;
using plan::kNone;

class Collector {
 public:
  Collector(const plan::Plan& plan, const eval::Recorder& recorder) : plan_(plan), recorder_(recorder) {}

  std::vector<FileCoverage> collect() {
    for (Id id = 0; id < plan_.steps.size(); ++id) step(id);
    for (Id id = 0; id < plan_.arms.size(); ++id) add("arm", plan_.arms[id].place, recorder_.arms[id], {});
    for (Id id = 0; id < plan_.statements.size(); ++id) statement(id);
    for (Id id = 0; id < plan_.messages.size(); ++id) {
      for (std::size_t i = 0; i < plan_.messages[id].rules.size(); ++i) {
        const eval::Recorder::Counts& counts = recorder_.rules[id][i];
        add("rule", plan_.messages[id].rules[i].place, counts.checked, {{"broken", counts.broken}});
      }
    }
    for (Id id = 0; id < plan_.redactions.size(); ++id) {
      for (std::size_t i = 0; i < plan_.redactions[id].items.size(); ++i)
        add("item", plan_.redactions[id].items[i].place, recorder_.redactions[id][i], {});
    }
    std::vector<FileCoverage> files;
    for (auto& [path, file] : files_) {
      std::stable_sort(file.points.begin(), file.points.end(),
                       [](const Point& a, const Point& b) { return std::tie(a.line, a.column) < std::tie(b.line, b.column); });
      files.push_back(std::move(file));
    }
    return files;
  }

 private:
  void step(Id id) {
    const plan::Step& step = plan_.steps[id];
    std::vector<Way> ways;
    if (step.op == plan::StepOp::when) {
      ways.push_back({"where it holds", recorder_.whens[id]});
      ways.push_back({"where it does not", recorder_.otherwises[id]});
    }
    const bool fallible = step.op != plan::StepOp::reject && step.on_failure.kind != plan::ElseKind::none;
    if (fallible) ways.push_back({"its `else`", recorder_.step_elses[id]});
    add("step", step.place, recorder_.steps[id], std::move(ways));
  }

  void statement(Id id) {
    const plan::Statement& statement = plan_.statements[id];
    std::vector<Way> ways;
    if (statement.op == plan::StatementOp::when) {
      ways.push_back({"where it holds", recorder_.statement_whens[id]});
      ways.push_back({"where it does not", recorder_.statement_otherwises[id]});
    }
    if (statement.on_failure.kind != plan::ElseKind::none) ways.push_back({"its `else`", recorder_.statement_elses[id]});
    add("line", statement.place, recorder_.statements[id], std::move(ways));
  }

  /// What the compiler made several of (a redaction, for each type of message) is one place to its author.
  void add(const char* kind, Id place, std::uint64_t runs, std::vector<Way> ways) {
    if (place == kNone || plan_.places[place].file == kNone) return;
    const plan::SourcePlace& at = plan_.places[place];
    const std::string& path = plan_.text(plan_.inputs[at.file].path);
    FileCoverage& file = files_[path];
    file.path = path;
    const auto [known, added] = places_.try_emplace({path, at.line, at.column, kind}, file.points.size());
    if (added) {
      file.points.push_back({kind, at.line, at.column, runs, std::move(ways)});
      return;
    }
    Point& point = file.points[known->second];
    point.runs += runs;
    for (std::size_t i = 0; i < std::min(ways.size(), point.ways.size()); ++i) point.ways[i].taken += ways[i].taken;
  }

  const plan::Plan& plan_;
  const eval::Recorder& recorder_;
  std::map<std::string, FileCoverage> files_;
  std::map<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string>, std::size_t> places_;  // into its points
};

}  // namespace

std::size_t FileCoverage::run() const {
  return static_cast<std::size_t>(std::ranges::count_if(points, [](const Point& point) { return point.runs > 0; }));
}

std::size_t FileCoverage::ways() const {
  std::size_t count = 0;
  for (const Point& point : points) count += point.ways.size();
  return count;
}

std::size_t FileCoverage::taken() const {
  std::size_t count = 0;
  for (const Point& point : points) {
    for (const Way& way : point.ways) count += way.taken > 0 ? 1U : 0U;
  }
  return count;
}

std::vector<FileCoverage> coverage_of(const plan::Plan& plan, const eval::Recorder& recorder) {
  return Collector(plan, recorder).collect();
}

std::string lcov(const std::vector<FileCoverage>& files, const std::string& root) {
  std::string out;
  for (const FileCoverage& file : files) {
    out += fmt::format("TN:\nSF:{}{}{}\n", root, root.empty() || root.ends_with('/') ? "" : "/", file.path);
    std::map<std::uint32_t, std::uint64_t> lines;
    std::map<std::uint32_t, std::uint32_t> blocks;  // of a line
    for (const Point& point : file.points) {
      std::uint64_t& runs = lines[point.line];
      runs = std::max(runs, point.runs);
      if (point.ways.empty()) continue;
      const std::uint32_t block = blocks[point.line]++;
      for (std::size_t i = 0; i < point.ways.size(); ++i) {
        out += fmt::format("BRDA:{},{},{},{}\n", point.line, block, i,
                           point.runs == 0 ? "-" : std::to_string(point.ways[i].taken));
      }
    }
    out += fmt::format("BRF:{}\nBRH:{}\n", file.ways(), file.taken());
    std::size_t hit = 0;
    for (const auto& [line, runs] : lines) {
      out += fmt::format("DA:{},{}\n", line, runs);
      hit += runs > 0 ? 1U : 0U;
    }
    out += fmt::format("LF:{}\nLH:{}\nend_of_record\n", lines.size(), hit);
  }
  return out;
}

}  // namespace smarthl7::trial

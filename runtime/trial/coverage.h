// SPDX-License-Identifier: Apache-2.0
// What of the routes the tests have run: steps, arms, lines of mappings, rules and items of redactions, and the ways that each
// of them has (an `else`, the two sides of a `when`, a rule that was broken). Made of a plan and what a Recorder counted. Pure;
// any thread; no failure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/eval/recorder.h"

namespace smarthl7::trial {

struct Way {
  std::string name;  // "its `else`", "where it holds"
  std::uint64_t taken = 0;
};

struct Point {
  std::string kind;  // "step", "arm", "line", "rule", "item" of a redaction
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint64_t runs = 0;
  std::vector<Way> ways;
};

struct FileCoverage {
  std::string path;           // as in Plan::inputs
  std::vector<Point> points;  // by place

  [[nodiscard]] std::size_t run() const;
  [[nodiscard]] std::size_t ways() const;
  [[nodiscard]] std::size_t taken() const;
};

/// By path; files without anything that runs are left out.
[[nodiscard]] std::vector<FileCoverage> coverage_of(const plan::Plan& plan, const eval::Recorder& recorder);

/// The trace file that coverage tools read (geninfo's format). `root` is put before the paths.
[[nodiscard]] std::string lcov(const std::vector<FileCoverage>& files, const std::string& root);

}  // namespace smarthl7::trial

// SPDX-License-Identifier: Apache-2.0
// What the tests gave, for people, for JUnit readers and as JSON. Pure functions of a Report and the sources it points into;
// any thread. Texts hold values of the tests' messages. Without times (a negative number of seconds) the same run gives the
// same bytes.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/source/source.h"
#include "runtime/trial/coverage.h"
#include "runtime/trial/trial.h"

namespace smarthl7::trial {

struct TestReport {
  const plan::Trial* test = nullptr;
  Outcome outcome;
  double seconds = -1;
};

struct Report {
  std::vector<TestReport> tests;
  double seconds = -1;
  std::uint64_t seed = 1;
  std::size_t left_out = 0;  // by the filter
  bool with_coverage = false;
  std::vector<FileCoverage> coverage;

  [[nodiscard]] std::size_t failed() const;
};

[[nodiscard]] std::string human(const Report& report, const source::SourceSet& sources, diag::Colours colours);
/// After human(): a table by file, and what never ran. `root` is the project folder.
[[nodiscard]] std::string human_coverage(const Report& report, const source::SourceSet& sources, const std::string& root);
[[nodiscard]] std::string junit(const Report& report, const source::SourceSet& sources);
[[nodiscard]] std::string json(const Report& report, const source::SourceSet& sources);

}  // namespace smarthl7::trial

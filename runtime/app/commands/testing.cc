// SPDX-License-Identifier: Apache-2.0
// test: the `test` blocks of route files, on the simulator.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "compiler/driver/driver.h"
#include "compiler/plan/plan_file.h"
#include "runtime/app/commands/commands.h"
#include "runtime/app/commands/plan_input.h"
#include "runtime/app/commands/write_file.h"
#include "runtime/trial/report.h"

namespace smarthl7::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

int complain(const Error& error) {
  std::cerr << "smarthl7: " << error.describe() << "\n";
  return kEnvironment;
}

/// Nothing ran, which is no success: says why, and what there is.
int nothing_ran(const plan::Trials& trials, const std::string& filter) {
  if (trials.tests.empty()) {
    std::cerr << "no test has run: the project has no `test` blocks\n";
    return kFindings;
  }
  std::cerr << "no test has run: no title contains \"" << filter << "\"; there are\n";
  for (const plan::Trial& test : trials.tests) std::cerr << "  " << test.title << "\n";
  return kFindings;
}

void print(const TestOptions& options, const trial::Report& report, const driver::Compilation& compilation) {
  if (options.format == "junit") {
    std::cout << trial::junit(report, *compilation.sources);
  } else if (options.format == "json") {
    std::cout << trial::json(report, *compilation.sources);
  } else {
    const auto colours = ::isatty(STDOUT_FILENO) != 0 ? diag::Colours::yes : diag::Colours::no;
    std::cout << trial::human(report, *compilation.sources, colours);
    if (report.with_coverage) std::cout << trial::human_coverage(report, *compilation.sources, compilation.root);
  }
}

}  // namespace

int test(const TestOptions& options) {
  const Clock::time_point begin = Clock::now();
  driver::Options how;
  how.environment = options.environment;
  how.tests = true;
  const auto compilation = driver::compile_project(options.paths, how);
  if (!compilation) return complain(compilation.error());
  if (!compilation->trials || !compilation->plan) {
    print_diagnostics(*compilation, std::cerr, ::isatty(STDERR_FILENO) != 0);
    std::cerr << "no test has run: the project has errors\n";
    return kFindings;
  }
  const plan::Trials& trials = *compilation->trials;
  const auto digest = plan::plan_digest(plan::write_plan(*compilation->plan));
  if (!digest) return complain(digest.error());

  eval::Recorder recorder(trials.plan);
  trial::Setup setup;
  setup.environment = options.environment;
  setup.settings = options.settings;
  setup.seed = options.seed;
  setup.recorder = &recorder;
  const auto runner = trial::make_runner(trials, *digest, setup);
  if (!runner) {
    std::cerr << "smarthl7: " << runner.error().describe() << "\n";
    return kFindings;
  }
  trial::Report report;
  report.seed = options.seed;
  for (const plan::Trial& test : trials.tests) {
    if (test.title.find(options.filter) == std::string::npos) {
      ++report.left_out;
      continue;
    }
    const Clock::time_point from = Clock::now();
    trial::TestReport& one = report.tests.emplace_back();
    one.test = &test;
    one.outcome = (*runner)->run(test);
    one.seconds = seconds_since(from);
  }
  if (report.tests.empty()) return nothing_ran(trials, options.filter);
  report.seconds = seconds_since(begin);
  report.with_coverage = options.coverage;
  report.coverage = trial::coverage_of(trials.plan, recorder);
  print(options, report, *compilation);
  if (!options.lcov.empty()) {
    if (const auto written = write_file(options.lcov, trial::lcov(report.coverage, compilation->root)); !written)
      return complain(written.error());
  }
  return report.failed() == 0 ? kFine : kFindings;
}

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// Turns the options of a plan's source or destination into what a transport gets: settings put in, files read, secrets fetched.
// Blocking reads; called when a plan is loaded, on the main thread. Failure: names the option and the file or secret that is
// missing, never a secret's value.
#pragma once

#include <string>
#include <vector>

#include "runtime/env/disk.h"
#include "runtime/eval/evaluator.h"
#include "runtime/transport/options.h"
#include "stdlib/base/protect.h"
#include "stdlib/base/result.h"

namespace smarthl7::app {

struct BindingPlaces {
  std::string folder;   // what files are relative to
  std::string secrets;  // folder with a file for each secret; empty: none
};

/// The file of that name in the folder, without the line break at its end.
[[nodiscard]] Result<Secret> read_secret(env::Disk& disk, const std::string& folder, const std::string& name);

[[nodiscard]] Result<transport::Options> bind_options(const eval::BoundPlan& plan,
                                                      const std::vector<plan::OptionValue>& options,
                                                      const BindingPlaces& places, env::Disk& disk);

}  // namespace smarthl7::app

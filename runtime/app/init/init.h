// SPDX-License-Identifier: Apache-2.0
// The files of a new project: a route that runs, its tests, a table, a message, and what guards changes. They lie in template/
// and are compiled in. Pure but for write_project(). Any thread. Failure: exists, before anything is written, if a file is
// there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::app::init {

struct File {
  std::string path;  // in the project's folder
  std::string text;
};

/// With these ports in the route and in what the README says.
[[nodiscard]] std::vector<File> project_files(std::uint16_t hub_port, std::uint16_t receiver_port);
/// The commands that come next, in the project's folder, word by word.
[[nodiscard]] std::vector<std::string> next_commands(std::uint16_t hub_port, std::uint16_t receiver_port);
/// All or, if one of the files exists, none.
[[nodiscard]] Result<void> write_project(const std::string& folder, const std::vector<File>& files);

}  // namespace smarthl7::app::init

// SPDX-License-Identifier: Apache-2.0
// init: a new project that runs.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>

#include "runtime/app/commands/commands.h"
#include "runtime/app/init/init.h"

namespace smarthl7::app {

int start_project(const InitOptions& options) {
  const auto receiver = static_cast<std::uint16_t>(options.port + 1);
  const auto files = init::project_files(options.port, receiver);
  if (const auto written = init::write_project(options.folder, files); !written) {
    std::cerr << "smarthl7: " << written.error().describe() << "\n";
    if (written.error().code != ErrorCode::exists) return kEnvironment;
    std::cerr << "help: name another folder: smarthl7 init DIR\n";
    return kFindings;
  }
  const auto next = init::next_commands(options.port, receiver);
  if (options.json) {
    boost::json::array paths, commands;
    for (const auto& file : files) paths.emplace_back(file.path);
    for (const auto& command : next) commands.emplace_back(command);
    std::cout << boost::json::serialize(boost::json::object{
                     {"folder", options.folder}, {"files", std::move(paths)}, {"next", std::move(commands)}})
              << "\n";
    return kFine;
  }
  for (const auto& file : files) std::cout << fmt::format("wrote {}\n", file.path);
  std::cout << fmt::format("\nA first message through{}:\n\n",
                           options.folder == "." ? "" : ", in the folder " + options.folder);
  for (const auto& command : next) std::cout << "  " << command << "\n";
  std::cout << "\nREADME.md says what comes after that.\n";
  return kFine;
}

}  // namespace smarthl7::app

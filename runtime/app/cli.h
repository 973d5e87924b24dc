// SPDX-License-Identifier: Apache-2.0
// Reads the command line and calls the command. Returns the exit code (0 fine, 1 findings, 2 wrong usage, 3 the environment
// failed).
#pragma once

namespace smarthl7::app {

int run_command_line(int argc, char** argv);

}  // namespace smarthl7::app

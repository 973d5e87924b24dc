// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "runtime/app/cli.h"

int main(int argc, char** argv) {
  try {
    return smarthl7::app::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "smarthl7: %s\n", error.what());
    return 3;
  }
}

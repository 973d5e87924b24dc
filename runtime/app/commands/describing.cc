// SPDX-License-Identifier: Apache-2.0
// describe: what the standard says.
#include <unistd.h>

#include <iostream>

#include "runtime/app/commands/commands.h"
#include "runtime/app/describe/describe.h"

namespace smarthl7::app {

int describe(const DescribeOptions& options) {
  describing::Request request{options.version, {}, options.json, ::isatty(STDOUT_FILENO) != 0};
  for (const std::string& word : options.what) request.what += (request.what.empty() ? "" : " ") + word;
  const describing::Answer answer = describing::describe(request);
  if (!answer.complaint.empty()) std::cerr << "smarthl7: " << answer.complaint << "\n";
  std::cout << answer.text;
  return answer.found ? kFine : kFindings;
}

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// Any function of the language with any arguments of its types: it keeps the promises of its specification.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/testing/anything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace smarthl7::builtins;
  std::size_t at = 0;
  const testing::Pick pick = [&](std::size_t n) {
    std::size_t value = 0;
    for (std::size_t most = n - 1; most > 0 && at < size; most >>= 8U) value = value << 8U | data[at++];
    return value % n;
  };
  const auto all = all_functions();
  const Function& function = *all[pick(all.size())];
  Arena arena;
  const std::string broken = testing::break_promise(function, pick, arena);
  if (!broken.empty()) {
    std::fprintf(stderr, "%s %s\n", std::string(function.name).c_str(), broken.c_str());
    std::abort();
  }
  return 0;
}

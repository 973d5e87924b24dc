// SPDX-License-Identifier: Apache-2.0
#include "stdlib/route/library.h"

#include <array>
#include <string>
#include <vector>

namespace smarthl7::route {
namespace {

struct File {
  std::string_view stem;
  std::string_view text;
};
constexpr File kFiles[] = {
#include "stdlib/route/modules.inc"
};

constexpr std::array<std::string_view, 6> kPlanned = {"std.ack", "std.ehr", "std.hl7", "std.text", "std.time", "std.units"};

struct Library {
  std::vector<std::string> names;
  std::vector<Module> modules;
  Sha256 digest{};

  Library() {
    std::string all;
    names.reserve(std::size(kFiles));
    for (const File& file : kFiles) {
      names.push_back("std." + std::string(file.stem));
      modules.push_back({names.back(), file.text});
      all += names.back() + '\n' + std::to_string(file.text.size()) + '\n';
      all += file.text;
    }
    digest = sha256(all);
  }
};

const Library& library() {
  static const Library instance;
  return instance;
}

}  // namespace

std::span<const Module> modules() { return library().modules; }
std::span<const std::string_view> planned_modules() { return kPlanned; }
Sha256 digest() { return library().digest; }

}  // namespace smarthl7::route

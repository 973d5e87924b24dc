// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/all.h"

#include <algorithm>
#include <string>

namespace smarthl7::builtins {
namespace {

constexpr const Function* kAll[] = {
    &kAbs,     &kContains, &kDigits, &kEndsWith, &kLeft,       &kLength,    &kLower, &kMax,  &kMin,   &kNumber,
    &kPadLeft, &kReplace,  &kRight,  &kRound,    &kStartsWith, &kSubstring, &kText,  &kTrim, &kUpper,
};

}  // namespace

std::span<const Function* const> all_functions() { return kAll; }

const Function* find_function(std::string_view name) {
  const auto* const found =
      std::lower_bound(std::begin(kAll), std::end(kAll), name,
                       [](const Function* function, std::string_view wanted) { return function->name < wanted; });
  return found != std::end(kAll) && (*found)->name == name ? *found : nullptr;
}

std::string signature(const Function& function) {
  std::string text(function.name);
  text += '(';
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text.append(function.parameters[i].name).append(" : ").append(name_of(function.parameters[i].type));
  }
  if (function.repeats) text += ", ...";
  return text.append(") -> ").append(name_of(function.result));
}

}  // namespace smarthl7::builtins

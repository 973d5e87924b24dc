// SPDX-License-Identifier: Apache-2.0
// Makes expressions of the route language over an ADT_A01 of HL7 2.5.1, by the type that is wanted: literals, paths, operators,
// look-ups, defaults, and calls of every builtin function. Most of them pass the check. Deterministic: the same seed gives the
// same texts. One thread; no failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stdlib/builtins/function.h"
#include "tests/support/seeded.h"

namespace smarthl7::testing {

class ExpressionGenerator {
 public:
  explicit ExpressionGenerator(std::uint64_t seed) : random_(seed) {}

  /// An expression of any type.
  [[nodiscard]] std::string any(int depth);
  [[nodiscard]] std::string of(builtins::Type type, int depth);
  [[nodiscard]] std::string list(int depth);

 private:
  [[nodiscard]] std::string text(int depth);
  [[nodiscard]] std::string number(int depth);
  [[nodiscard]] std::string moment(builtins::Type type, int depth);
  [[nodiscard]] std::string duration(int depth);
  [[nodiscard]] std::string condition(int depth);
  [[nodiscard]] std::string comparison(int depth);
  /// A call of some function whose result fits; empty if the one that was drawn does not.
  [[nodiscard]] std::string call(builtins::Type type, int depth);
  [[nodiscard]] std::string call_of(const builtins::Function& function, int depth);
  [[nodiscard]] std::string argument(const builtins::Parameter& parameter, int depth);
  [[nodiscard]] std::string path();
  [[nodiscard]] bool chance(unsigned percent) { return random_.below(100) < percent; }

  Seeded random_;
};

}  // namespace smarthl7::testing

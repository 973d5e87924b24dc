// SPDX-License-Identifier: Apache-2.0
// What a builtin function of the route language is: a specification that the compiler types calls with and the documentation
// is made from, and its implementation on values, which the runtime calls. One file per function; all.h lists them.
// The caller passes absence through: an implementation never sees an absent argument. Functions are pure; any thread.
// A function that can fail says why in its specification; one that does not say so always gives a value.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

struct Parameter {
  std::string_view name;
  Type type = Type::text;
};

/// A call as written in a route file and what it gives: `"SMITH"`, `12.5`, `true`, or `fails`.
struct Example {
  std::string_view call;
  std::string_view result;
};

/// False if the call fails (only functions with `can_fail`). Texts of the result live in the arena, in an argument, or for
/// ever.
using Apply = bool (*)(std::span<const Value> arguments, Arena& arena, Value& result);

struct Function {
  std::string_view name;
  std::span<const Parameter> parameters;
  bool repeats = false;  // the last parameter may be given more than once
  Type result = Type::text;
  std::string_view can_fail;  // when, in the reader's words: "`X` is not a number"; empty: never
  std::string_view doc;       // one or two sentences
  std::span<const Example> examples;
  Apply apply = nullptr;

  [[nodiscard]] bool takes(std::size_t count) const {
    return count == parameters.size() || (repeats && count > parameters.size());
  }
  /// The parameter that argument i (from 0) is for.
  [[nodiscard]] const Parameter& parameter(std::size_t i) const {
    return parameters[i < parameters.size() ? i : parameters.size() - 1];
  }
};

/// `upper(text) -> text`, for hover and documentation.
[[nodiscard]] std::string signature(const Function& function);

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
// What a builtin function of the route language is: a specification that the compiler types calls with and the documentation
// is made from, and its implementation on values, which the runtime calls. One file per function; all.h lists them.
// The caller passes absence through: an implementation never sees an absent argument, and a list, which is never absent, holds
// only values that are there (it may be empty). Functions are pure; any thread.
// A function that can fail says why in its specification; one that does not say so always gives a value, or none if it says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stdlib/builtins/value.h"

namespace smarthl7::builtins {

/// Where the documentation puts a function.
enum class Group : std::uint8_t { text, numbers, dates, codes, identifiers, names, lists, units, hashing };
[[nodiscard]] std::string_view name_of(Group group);

struct Parameter {
  std::string_view name;
  Type type = Type::text;
  bool optional = false;  // may be left out, as may all after it
  bool list = false;      // a list of that type; one value is taken as a list of one, an absent one as an empty list
  bool constant = false;  // must be a literal
  /// Of a constant text, at compile time: does the function know it? Null: any will do. `expects` says what is due.
  bool (*valid)(std::string_view) = nullptr;
  std::string_view expects = {};  // "a precision: year, month, day ..."
};

/// A call as written in a route file and what it gives: `"SMITH"`, `12.5`, `true`, `date 20261123`, `absent`, `["A", "B"]`, or
/// `fails`. In a call, `["A", "B"]` is a list, and a call of another function gives what is no literal: `date("20261123")`.
struct Example {
  std::string_view call;
  std::string_view result;
};

/// False if the call fails (only functions with `can_fail`). Texts and lists of the result live in the arena, in an argument,
/// or for ever. The result is made absent by the caller before.
using Apply = bool (*)(std::span<const Value> arguments, Arena& arena, Value& result);

/// What is known of an offset without looking.
enum class Offset : std::uint8_t { unknown, never, always };

struct Function {
  std::string_view name;
  std::span<const Parameter> parameters;
  bool repeats = false;  // the last parameter may be given more than once
  Type result = Type::text;
  std::string_view can_fail;  // when, in the reader's words: "`X` is not a number"; empty: never
  std::string_view doc;       // one or two sentences
  std::span<const Example> examples;
  Apply apply = nullptr;

  Group group = Group::text;
  bool result_list = false;              // gives a list of `result`
  std::string_view can_be_absent = {};   // when a call without absent arguments gives none: "the list is empty"; empty: never
  std::string_view proven_by = {};       // a function: where it is true of the same arguments, this one does not fail
  std::optional<Precision> states = {};  // the result, a moment, has always this precision
  std::size_t precision_from = 0;        // or the one that this argument names or has, counted from 1
  Offset offset = Offset::unknown;       // of a result that is a time or timestamp
  std::uint8_t digits = 0;               // the result is a whole number of at most so many digits; 0: not known

  [[nodiscard]] std::size_t least() const;
  [[nodiscard]] bool takes(std::size_t count) const { return count >= least() && (count <= parameters.size() || repeats); }
  /// The parameter that argument i (from 0) is for.
  [[nodiscard]] const Parameter& parameter(std::size_t i) const {
    return parameters[i < parameters.size() ? i : parameters.size() - 1];
  }
};

/// `pad_left(text : text, length : number, [fill : text]) -> text`, for hover and documentation.
[[nodiscard]] std::string signature(const Function& function);

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
// The JSON form of a message: lossless, readable, groups as they are. docs/hl7/json.md describes it, with examples:
//   {"structure":"ADT_A01","version":"2.5.1","delimiters":"|^~\\&","segments":[{"segment":"PID","fields":{"8":"F"}}]}
// A string is decoded text; null is HL7's ""; an object holds components (or subcomponents) by number, an array repetitions;
// {"escaped":"..."} is a value as pipes have it, where text would not bring it back. What is not there was not sent.
// Pure functions; any thread. Errors name a place (of the message, or line and column) and hold no values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"
#include "stdlib/hl7/tree.h"
#include "stdlib/hl7/xml.h"

namespace smarthl7::hl7 {

struct JsonOptions {
  bool indent = true;  // a segment a line; else no blank and no line end
};

/// Appends the document, without a line end; after an Error `out` is as it was.
[[nodiscard]] Result<void> write_json(const Tree& tree, std::string& out, const JsonOptions& options = {});

/// Members and keys may stand in any order. After an Error the tree is empty.
[[nodiscard]] Result<void> read_json(std::string_view document, Tree& tree, const ReadLimits& limits = {});

/// The documents in a text: values one after another, or the elements of one array. Only cut here, not checked: what is no JSON
/// is refused when it is read. Views of the text; the last one holds what is left of a text that ends too early.
[[nodiscard]] std::vector<std::string_view> split_json(std::string_view text);

}  // namespace smarthl7::hl7

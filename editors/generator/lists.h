// SPDX-License-Identifier: Apache-2.0
// The words that highlighting knows, from the code's own lists: keywords (compiler/syntax/words.h), functions
// (stdlib/builtins), options, their words and transports (stdlib/connectors). Sorted, each once. Pure; any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/syntax/words.h"

namespace smarthl7::editors {

using List = std::vector<std::string>;

[[nodiscard]] List merged(std::initializer_list<syntax::Words> words);
[[nodiscard]] List functions();
/// Names of options of all connectors and declarations, without their blocks.
[[nodiscard]] List options();
/// The words that options take as values.
[[nodiscard]] List option_words();
[[nodiscard]] List transports();
/// Steps, items of messages, mappings, tests and alerts: what begins a line.
[[nodiscard]] List item_words();
/// `a|b|c`, longest first where one begins another.
[[nodiscard]] std::string alternatives(const List& list);

[[nodiscard]] std::string textmate_grammar();
[[nodiscard]] std::string vim_syntax();

}  // namespace smarthl7::editors

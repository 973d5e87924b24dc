// SPDX-License-Identifier: Apache-2.0
// The words of the language by the place where they stand: what the scanner takes, editors offer and grammars for
// highlighting are made from. grammar_test.cc holds them against the grammar, both ways. Constants; any thread.
#pragma once

#include <span>
#include <string_view>

namespace smarthl7::syntax {

using Words = std::span<const std::string_view>;

/// Words that are no names.
[[nodiscard]] Words reserved_words();
/// Words that begin a declaration.
[[nodiscard]] Words declaration_words();
/// What may stand between an option and its value.
[[nodiscard]] Words connective_words();

// What begins an item of a block.
[[nodiscard]] Words message_words();
[[nodiscard]] Words mapping_words();
[[nodiscard]] Words flow_words();
[[nodiscard]] Words test_words();
[[nodiscard]] Words alert_words();
/// What may stand after `else`.
[[nodiscard]] Words else_words();
/// Operators and tests that are words, and what begins an operand.
[[nodiscard]] Words operator_words();
/// `true`, `false`, `null`.
[[nodiscard]] Words constant_words();
/// Words inside of items: `adds`, `within`, `gets`, ...
[[nodiscard]] Words clause_words();
/// The value of an option that is these two words, as in `on refusal hold lane`; empty if there is none.
[[nodiscard]] std::string_view two_word_value(std::string_view first, std::string_view second);
/// Types of settings and forms of types: `port`, `list`, ...
[[nodiscard]] Words type_words();
/// What a message can be, besides a declared one.
[[nodiscard]] Words format_words();
/// Words of other languages that are read and reported.
[[nodiscard]] Words foreign_words();

}  // namespace smarthl7::syntax

// SPDX-License-Identifier: Apache-2.0
// JSON (RFC 8259) token by token: no tree of the document is built, and a string without escapes is a view of it, so that a big
// value is not copied. Checks what the RFC demands, UTF-8 included, and the depth. Not owned: the text must outlive the reader
// and its views; a view ends with the next token. One thread. Errors name line and column and hold no values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/result.h"

namespace smarthl7::hl7 {

class JsonText {
 public:
  enum class Token : std::uint8_t { object, end_object, array, end_array, key, string, number, truth, null, end };

  explicit JsonText(std::string_view text, std::size_t depth = 100) : text_(text), most_depth_(depth) {}

  /// The next token. After `end` (of the one value) comes `end` again; after an Error, nothing may be asked.
  Result<Token> next();
  /// The next token must be this; `expected` says so in words ("an object").
  Result<void> expect(Token token, std::string_view expected);
  /// Skips the value whose first token was the last one read.
  Result<void> skip();
  /// Of a key or string, decoded; of a number, as written.
  [[nodiscard]] std::string_view text() const { return value_; }
  /// The same, to be kept: a view of the document, or of `buffer`, into which it is moved.
  [[nodiscard]] std::string_view take_text(std::string& buffer);
  /// Where the last token stands in the text: its first byte, and one past it.
  [[nodiscard]] std::size_t begin() const { return begin_; }
  [[nodiscard]] std::size_t end() const { return at_; }
  /// Was the value written with escapes, so that text() is no view of the document?
  [[nodiscard]] bool copied() const { return copied_; }

  /// "line 3, column 14: WHAT", at the last token.
  [[nodiscard]] std::unexpected<Error> error(std::string_view what) const { return error_at(begin_, what); }
  [[nodiscard]] std::unexpected<Error> error_at(std::size_t at, std::string_view what) const;

 private:
  enum class Wants : std::uint8_t { value, first_key, key, colon, after, first_value, nothing };
  void skip_blanks();
  Result<Token> read_value();
  Result<Token> read_string(bool is_key);
  Result<Token> read_number();
  Result<Token> read_word(std::string_view word, Token token);
  Result<Token> open(char kind);
  Result<Token> close(char kind);
  Result<void> decode(std::string_view raw, std::size_t from);
  void value_done();

  std::string_view text_;
  std::size_t most_depth_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::vector<char> open_;  // '{' or '['
  Wants wants_ = Wants::value;
  std::string_view value_;
  std::string buffer_;
  bool copied_ = false;
  bool skipping_ = false;
};

/// Appends the text as a JSON string with its quotes. The text is UTF-8.
void append_json_string(std::string_view text, std::string& out);

}  // namespace smarthl7::hl7

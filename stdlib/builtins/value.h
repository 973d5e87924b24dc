// SPDX-License-Identifier: Apache-2.0
// A value while a message is evaluated: absent, text, number or truth. Texts are views: into the message, the plan or an Arena,
// all of which outlive the evaluation of one message. Arena hands out memory that lives until the next reset(); it keeps what
// it has, so a steady stream of messages allocates nothing. Value type; an Arena belongs to one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/base/decimal.h"

namespace smarthl7::builtins {

enum class Type : unsigned char { text, number, boolean };
[[nodiscard]] std::string_view name_of(Type type);

enum class Kind : unsigned char { absent, text, number, boolean };

struct Value {
  Kind kind = Kind::absent;
  bool truth = false;
  std::string_view text;
  Decimal number;

  [[nodiscard]] bool absent() const { return kind == Kind::absent; }
  static Value of(std::string_view text) { return {Kind::text, false, text, {}}; }
  static Value of(const Decimal& number) { return {Kind::number, false, {}, number}; }
  static Value of(bool truth) { return {Kind::boolean, truth, {}, {}}; }
  static Value of(const char* text) = delete;
};

class Arena {
 public:
  /// Room for size bytes.
  [[nodiscard]] char* take(std::size_t size);
  [[nodiscard]] std::string_view copy(std::string_view text);
  [[nodiscard]] std::string_view join(std::string_view a, std::string_view b);
  /// Everything handed out is gone; the memory is kept.
  void reset();

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

/// The text of a value: a number's digits, `true`, `false`; empty if absent.
[[nodiscard]] std::string_view text_of(const Value& value, Arena& arena);

}  // namespace smarthl7::builtins

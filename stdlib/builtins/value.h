// SPDX-License-Identifier: Apache-2.0
// A value while a message is evaluated: absent, text, number, truth, a moment (date, time, timestamp), a duration, a size, or a
// list of such values. Texts and lists are views: into the message, the plan or an Arena, all of which outlive the evaluation
// of one message. A list holds only values that are there. Arena hands out memory that lives until the next reset(); it keeps
// what it has, so a steady stream of messages allocates nothing. Value type of 64 bytes; an Arena belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "stdlib/base/decimal.h"
#include "stdlib/builtins/moment.h"

namespace smarthl7::builtins {

/// Types of parameters and results. The last four are wider than what a value has: they stand in signatures only.
enum class Type : unsigned char {
  text,
  number,
  boolean,
  date,
  time,
  timestamp,
  duration,
  size,
  any,             // one value of any type but a list
  moment,          // a date, time or timestamp
  text_or_moment,  // of functions that convert
  same,            // a result: of the type of the first argument (of its items, if that is a list and the result is none)
};
[[nodiscard]] std::string_view name_of(Type type);
/// May a value of type `given` stand where `wanted` is due?
[[nodiscard]] bool accepts(Type wanted, Type given);

enum class Kind : unsigned char { absent, text, number, boolean, date, time, timestamp, duration, size, list };

struct Value {
  struct Items {  // of a list; as std::span, which wants Value to be complete
    const Value* data;
    std::size_t count;
  };

  Kind kind = Kind::absent;
  bool truth = false;
  Moment moment;  // of a date, time or timestamp
  union {
    std::string_view text = {};
    Items items;         // of a list
    std::int64_t count;  // of a duration: microseconds; of a size: bytes
  };
  Decimal number;

  [[nodiscard]] bool absent() const { return kind == Kind::absent; }
  [[nodiscard]] bool is_moment() const { return kind == Kind::date || kind == Kind::time || kind == Kind::timestamp; }
  /// Of a list, as long as its owner lives.
  [[nodiscard]] std::span<const Value> list() const { return {items.data, items.count}; }
  /// Of a duration.
  [[nodiscard]] std::int64_t micros() const { return count; }

  static Value of(std::string_view text) { return {Kind::text, false, {}, {text}, {}}; }
  static Value of(const Decimal& number) { return {Kind::number, false, {}, {}, number}; }
  static Value of(bool truth) { return {Kind::boolean, truth, {}, {}, {}}; }
  static Value of(const char* text) = delete;
  static Value date(const Moment& moment) { return {Kind::date, false, moment, {}, {}}; }
  static Value time(const Moment& moment) { return {Kind::time, false, moment, {}, {}}; }
  static Value timestamp(const Moment& moment) { return {Kind::timestamp, false, moment, {}, {}}; }
  /// The same kind of moment as `like`.
  static Value moment_like(const Value& like, const Moment& moment) { return {like.kind, false, moment, {}, {}}; }
  static Value duration(std::int64_t micros);
  static Value size(std::int64_t bytes);
  static Value list(std::span<const Value> items);
};
static_assert(sizeof(Value) == 64 && std::is_trivially_copyable_v<Value>);

/// The type of a value that is there and no list.
[[nodiscard]] Type type_of(const Value& value);

class Arena {
 public:
  /// Room for size bytes.
  [[nodiscard]] char* take(std::size_t size);
  /// Room for values, made.
  [[nodiscard]] std::span<Value> take_values(std::size_t count);
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

/// By value: 1.0 equals 1; moments of equal precision, as instants if both have an offset. An absent value equals nothing, and
/// so do a moment and another of which it cannot be said (see compare()).
[[nodiscard]] bool same(const Value& a, const Value& b);
/// How two values of one kind are ordered; nullopt if that cannot be said: of lists, of an absent one, of moments of different
/// precision, or where only one has an offset. Texts are ordered by their bytes.
[[nodiscard]] std::optional<std::strong_ordering> compare(const Value& a, const Value& b);

/// The text of a value: a number's digits, `true`, `false`, a moment in HL7's form (20261123+0100), a duration or size in its
/// largest whole unit (`90m`, `64MiB`); empty if absent; the items of a list with ", " between them.
[[nodiscard]] std::string_view text_of(const Value& value, Arena& arena);

}  // namespace smarthl7::builtins

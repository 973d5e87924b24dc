// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/calculate.h"

#include <limits>

namespace smarthl7::builtins {
namespace {

MomentKind moment_kind(const Value& value) {
  return value.kind == Kind::date ? MomentKind::date : value.kind == Kind::time ? MomentKind::time : MomentKind::timestamp;
}

bool numbers(Operation operation, const Decimal& a, const Decimal& b, Value& result) {
  std::optional<Decimal> number;
  switch (operation) {
    case Operation::add: number = a.add(b); break;
    case Operation::subtract: number = a.subtract(b); break;
    case Operation::multiply: number = a.multiply(b); break;
    case Operation::divide: number = a.divide(b, kQuotientPlaces); break;
  }
  if (!number) return false;
  result = Value::of(*number);
  return true;
}

/// Of durations or sizes: sums and differences; a size is not negative.
bool counts(Operation operation, const Value& a, const Value& b, Value& result) {
  std::int64_t count = 0;
  const bool overflow = operation == Operation::add ? __builtin_add_overflow(a.count, b.count, &count)
                                                    : __builtin_sub_overflow(a.count, b.count, &count);
  if (overflow || (a.kind == Kind::size && count < 0)) return false;
  result = a;
  result.count = count;
  return true;
}

/// A duration or size times or by a number, to a whole number of microseconds or bytes.
bool scaled(Operation operation, const Value& a, const Decimal& factor, Value& result) {
  const Decimal count(a.count);
  const auto product = operation == Operation::multiply ? count.multiply(factor) : count.divide(factor, kQuotientPlaces);
  if (!product) return false;
  const Decimal whole = product->rounded(0);
  if (whole > Decimal(std::numeric_limits<std::int64_t>::max()) || whole < Decimal(std::numeric_limits<std::int64_t>::min()))
    return false;
  if (a.kind == Kind::size && whole.negative()) return false;
  result = a;
  result.count = whole.to_int64();
  return true;
}

bool moments(Operation operation, const Value& a, const Value& b, Value& result) {
  if (b.kind == Kind::duration) {
    if (operation == Operation::subtract && b.count == std::numeric_limits<std::int64_t>::min()) return false;
    const auto moment = add(moment_kind(a), a.moment, operation == Operation::add ? b.count : -b.count);
    if (!moment) return false;
    result = Value::moment_like(a, *moment);
    return true;
  }
  if (b.kind != a.kind || operation != Operation::subtract) return false;
  const auto micros = difference(moment_kind(a), a.moment, b.moment);
  if (!micros) return false;
  result = Value::duration(*micros);
  return true;
}

}  // namespace

//               number      duration    size      moment of the same kind
// number        + - * /
// duration      * /         + - /
// size          * /                     + - /
// moment                    + -                   -
bool calculate(Operation operation, const Value& a, const Value& b, Value& result) {
  if (a.kind == Kind::number && b.kind == Kind::number) return numbers(operation, a.number, b.number, result);
  const bool sum = operation == Operation::add || operation == Operation::subtract;
  if (a.kind == Kind::duration || a.kind == Kind::size) {
    if (a.kind == b.kind && sum) return counts(operation, a, b, result);
    if (a.kind == b.kind && operation == Operation::divide)
      return numbers(operation, Decimal(a.count), Decimal(b.count), result);
    return b.kind == Kind::number && !sum && scaled(operation, a, b.number, result);
  }
  return a.is_moment() && sum && moments(operation, a, b, result);
}

}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/value.h"

#include <algorithm>
#include <cstring>

namespace smarthl7::builtins {
namespace {

MomentKind moment_kind(Kind kind) {
  return kind == Kind::date ? MomentKind::date : kind == Kind::time ? MomentKind::time : MomentKind::timestamp;
}

std::string_view joined(std::span<const Value> items, Arena& arena) {
  constexpr std::string_view kBetween = ", ";
  const std::span<Value> texts = arena.take_values(items.size());
  std::size_t size = items.empty() ? 0 : (items.size() - 1) * kBetween.size();
  for (std::size_t i = 0; i < items.size(); ++i) {
    texts[i] = Value::of(text_of(items[i], arena));
    size += texts[i].text.size();
  }
  char* const begin = arena.take(size);
  char* at = begin;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) at = std::copy(kBetween.begin(), kBetween.end(), at);
    at = std::copy(texts[i].text.begin(), texts[i].text.end(), at);
  }
  return {begin, size};
}

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::text: return "text";
    case Type::number: return "number";
    case Type::boolean: return "bool";
    case Type::date: return "date";
    case Type::time: return "time";
    case Type::timestamp: return "timestamp";
    case Type::duration: return "duration";
    case Type::size: return "size";
    case Type::any: return "any";
    case Type::moment: return "date, time or timestamp";
    case Type::text_or_moment: return "text, date, time or timestamp";
    case Type::same: return "the same";
  }
  return {};
}

bool accepts(Type wanted, Type given) {
  if (wanted == given || wanted == Type::any) return true;
  const bool moment = given == Type::date || given == Type::time || given == Type::timestamp;
  if (wanted == Type::moment) return moment;
  return wanted == Type::text_or_moment && (moment || given == Type::text);
}

Value Value::duration(std::int64_t micros) {
  Value value;
  value.kind = Kind::duration;
  value.count = micros;
  return value;
}

Value Value::size(std::int64_t bytes) {
  Value value;
  value.kind = Kind::size;
  value.count = bytes;
  return value;
}

Value Value::list(std::span<const Value> items) {
  Value value;
  value.kind = Kind::list;
  value.items = {items.data(), items.size()};
  return value;
}

Type type_of(const Value& value) {
  switch (value.kind) {
    case Kind::text: return Type::text;
    case Kind::number: return Type::number;
    case Kind::boolean: return Type::boolean;
    case Kind::date: return Type::date;
    case Kind::time: return Type::time;
    case Kind::timestamp: return Type::timestamp;
    case Kind::duration: return Type::duration;
    case Kind::size: return Type::size;
    case Kind::absent:
    case Kind::list: break;
  }
  return Type::any;
}

char* Arena::take(std::size_t size) {
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < size) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const std::size_t room = std::max<std::size_t>(size, 4096);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(room), room});
    used_ = 0;
  }
  char* const at = blocks_[block_].bytes.get() + used_;
  used_ += size;
  return at;
}

std::span<Value> Arena::take_values(std::size_t count) {
  void* at = take(count * sizeof(Value) + alignof(Value));
  std::size_t room = count * sizeof(Value) + alignof(Value);
  std::align(alignof(Value), count * sizeof(Value), at, room);
  auto* const values = static_cast<Value*>(at);
  std::uninitialized_default_construct_n(values, count);
  return {values, count};
}

std::string_view Arena::copy(std::string_view text) { return join(text, {}); }

std::string_view Arena::join(std::string_view a, std::string_view b) {
  const std::size_t size = a.size() + b.size();
  if (size == 0) return {};
  char* const at = take(size);
  if (!a.empty()) std::memcpy(at, a.data(), a.size());
  if (!b.empty()) std::memcpy(at + a.size(), b.data(), b.size());
  return {at, size};
}

void Arena::reset() {
  if (blocks_.size() > 1) {  // next time one block is enough, within reason
    std::size_t total = 0;
    for (const Block& block : blocks_) total += block.size;
    blocks_.clear();
    total = std::min<std::size_t>(total, std::size_t{1} << 20U);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(total), total});
  }
  block_ = 0;
  used_ = 0;
}

bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Kind::text) return a.text == b.text;
  if (a.kind == Kind::boolean) return a.truth == b.truth;
  return compare(a, b) == std::strong_ordering::equal;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
  if (a.kind != b.kind) return std::nullopt;
  switch (a.kind) {
    case Kind::text: return a.text <=> b.text;
    case Kind::number: return a.number <=> b.number;
    case Kind::boolean: return a.truth <=> b.truth;
    case Kind::date:
    case Kind::time:
    case Kind::timestamp: return compare(moment_kind(a.kind), a.moment, b.moment);
    case Kind::duration:
    case Kind::size: return a.count <=> b.count;
    case Kind::absent:
    case Kind::list: break;
  }
  return std::nullopt;
}

std::string_view text_of(const Value& value, Arena& arena) {
  switch (value.kind) {
    case Kind::absent: return {};
    case Kind::text: return value.text;
    case Kind::boolean: return value.truth ? "true" : "false";
    case Kind::number: {
      char* const at = arena.take(Decimal::kMaxText);
      return {at, value.number.print(at)};
    }
    case Kind::date:
    case Kind::time:
    case Kind::timestamp: {
      char* const at = arena.take(kMaxMomentText);
      return {at, print_moment(moment_kind(value.kind), value.moment, at)};
    }
    case Kind::duration: {
      char* const at = arena.take(kMaxDurationText);
      return {at, print_duration(value.count, at)};
    }
    case Kind::size: {
      char* const at = arena.take(kMaxDurationText);
      return {at, print_size(value.count, at)};
    }
    case Kind::list: return joined(value.list(), arena);
  }
  return {};
}

}  // namespace smarthl7::builtins

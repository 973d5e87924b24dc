// SPDX-License-Identifier: Apache-2.0
#include "stdlib/builtins/value.h"

#include <algorithm>
#include <cstring>

namespace smarthl7::builtins {

std::string_view name_of(Type type) {
  switch (type) {
    case Type::text: return "text";
    case Type::number: return "number";
    case Type::boolean: return "bool";
  }
  return {};
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

std::string_view text_of(const Value& value, Arena& arena) {
  switch (value.kind) {
    case Kind::absent: return {};
    case Kind::text: return value.text;
    case Kind::boolean: return value.truth ? "true" : "false";
    case Kind::number: {
      char* const at = arena.take(Decimal::kMaxText);
      return {at, value.number.print(at)};
    }
  }
  return {};
}

}  // namespace smarthl7::builtins

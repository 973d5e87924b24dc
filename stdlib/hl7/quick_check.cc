// SPDX-License-Identifier: Apache-2.0
#include "stdlib/hl7/quick_check.h"

#include <utility>

namespace smarthl7::hl7 {

void CodeSet::add(std::string_view code) {
  if (code.empty() || code.size() > kMostBytes || contains(code)) return;
  if (2 * (count_ + 1) > slots_.size()) {
    const std::vector<std::uint64_t> old = std::exchange(slots_, {});
    slots_.resize(old.empty() ? 16 : 2 * old.size());
    for (const std::uint64_t number : old) {
      if (number != 0) insert(number);
    }
  }
  insert(packed(code));
  ++count_;
}

void CodeSet::insert(std::uint64_t number) {
  std::size_t slot = slot_of(number);
  while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = number;
}

}  // namespace smarthl7::hl7

// SPDX-License-Identifier: Apache-2.0
// What the most common values are measured by: a few tests that, where they hold, leave nothing to find. Where they do not
// hold nothing is said; the validator then looks closely. Made once, then immutable (any thread). Internal to this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "stdlib/hl7/primitive.h"

namespace smarthl7::hl7 {

/// Codes of up to seven bytes, each with its length in one number.
class CodeSet {
 public:
  void add(std::string_view code);
  [[nodiscard]] bool contains(std::string_view code) const {
    if (code.empty() || code.size() > kMostBytes || slots_.empty()) return false;
    const std::uint64_t wanted = packed(code);
    for (std::size_t slot = slot_of(wanted);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == wanted) return true;
      if (slots_[slot] == 0) return false;
    }
  }

 private:
  static constexpr std::size_t kMostBytes = 7;
  [[nodiscard]] static std::uint64_t packed(std::string_view code) {  // never 0
    std::uint64_t number = code.size();
    for (const char c : code) number = (number << 8U) | static_cast<unsigned char>(c);
    return number;
  }
  [[nodiscard]] std::size_t slot_of(std::uint64_t number) const {
    return static_cast<std::size_t>((number * 0x9E3779B97F4A7C15ULL) >> 40U) & (slots_.size() - 1);
  }
  void insert(std::uint64_t number);

  std::vector<std::uint64_t> slots_;  // open addressing; 0 is empty; size a power of two
  std::size_t count_ = 0;
};

/// A value without separators (but for those between components), escapes and quotes.
struct QuickCheck {
  enum class Kind : std::uint8_t {
    any,    // any one value is right
    tests,  // right if the tests below hold
    never,  // always needs the closer look
  };
  static constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::never;
  bool required = false;   // of a component: it must not be empty
  bool suggested = false;  // the codes count only in strict
  Primitive primitive = Primitive::other;
  std::uint32_t most = kNoLimit;  // bytes
  std::uint32_t least = 0;
  const CodeSet* codes = nullptr;

  [[nodiscard]] bool holds(std::string_view value, bool strict) const {
    if (kind != Kind::tests) return kind != Kind::never;
    return value.size() <= most && value.size() >= least &&
           (primitive == Primitive::other || is_well_formed(primitive, value)) &&
           (codes == nullptr || (suggested && !strict) || codes->contains(value));
  }
};

/// One of `any_of` must be there where all of `if_present` are: bits by component or field number. An empty `any_of`: where
/// these are there, look closely.
struct QuickNeed {
  std::uint64_t if_present = 0;
  std::uint64_t any_of = 0;

  /// `some`: what is not empty; `sure`: what surely holds a value (and is not just `""` or separators).
  [[nodiscard]] bool holds(std::uint64_t some, std::uint64_t sure) const {
    return (some & if_present) != if_present || (sure & any_of) != 0;
  }
};

}  // namespace smarthl7::hl7

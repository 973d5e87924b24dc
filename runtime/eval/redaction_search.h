// SPDX-License-Identifier: Apache-2.0
// A second look at a redacted message, by other means than those that redacted it: every value of the original that identifies
// and that the redaction does not let stay is searched in what is left, as a word, in any case of its letters. A value of fewer
// than three characters is not searched, it would be found everywhere; neither are dates that were moved, which may fall on
// another. Findings name places, never values. Keeps buffers; one thread; no failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/eval/redaction_table.h"
#include "stdlib/hl7/message.h"

namespace smarthl7::eval {

struct Leak {
  std::string from;  // "PID-5.1": whose value it is
  std::string in;    // "OBX[2]-5.1": where it stands in what is left
};

class RedactionSearch {
 public:
  /// The table outlives it.
  explicit RedactionSearch(const RedactionTable& table) : table_(table) {}

  /// Appends what is found; gives how many values were searched.
  std::uint64_t search(const hl7::Message& before, const hl7::Message& after, std::vector<Leak>& leaks);

 private:
  struct Value {
    std::string place;
    std::string text;  // in lower case
  };
  void collect(const hl7::Message& message, bool identified_only, std::vector<Value>& values) const;

  const RedactionTable& table_;
  std::vector<Value> identified_;
  std::vector<Value> left_;
};

}  // namespace smarthl7::eval

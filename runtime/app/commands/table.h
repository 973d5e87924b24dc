// SPDX-License-Identifier: Apache-2.0
// A table for terminals: columns as wide as their widest cell, numbers to the right. Value type; one thread.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace smarthl7::app {

class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace smarthl7::app

// SPDX-License-Identifier: Apache-2.0
// What a mapping writes, and whether two writes can meet: a mapping is a set of equations, so no place is written twice.
// Values; pure functions; no failure.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/check/checker.h"

namespace smarthl7::check {

/// What is known of a branch by comparing with literals: path -> the literals that it can equal there.
using Known = std::map<std::string, std::set<std::string>>;

struct Write {
  ResolvedPath path;
  std::vector<ModelIndex> places;
  Span span;
  bool removal = false;
  Known known;
  std::vector<std::pair<syntax::NodeId, std::size_t>> arms;  // of each `when` around: which arm
  bool made = false;                                         // a place of what the mapping makes
  syntax::NodeId owner = 0;                                  // of which `insert`; 0: of the new message
  bool appended = false;                                     // a repetition behind those that are there
  bool whole = false;     // copies or inserts the segment or group, so its fields are its own matter
  bool sure = true;       // in its arm it is written for every message
  std::size_t depth = 0;  // `when` blocks around the owner
};

/// Both can write to one place of one message.
[[nodiscard]] bool overlap(const Write& a, const Write& b);
/// No message takes both ways: they stand in different arms, or under conditions that exclude each other.
[[nodiscard]] bool exclusive(const Write& a, const Write& b);

}  // namespace smarthl7::check

// SPDX-License-Identifier: Apache-2.0
// A small patient index, as a receiver of ADT messages keeps one, and a stream of such messages: admissions, changes, merges,
// moves, swaps, links and changes of identifiers over some patients. The index applies what comes in the order in which it
// comes, and no two events of one patient may change places without leaving a trace in its state.
// Shares no code with the hub. Value types; one thread. Failure: a message that it cannot read is counted.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/seeded.h"

namespace smarthl7::testing {

class PatientIndex {
 public:
  void apply(std::string_view message);
  /// Everything that is known, in words; two indexes that were told the same in an order that comes to the same are equal.
  [[nodiscard]] std::string state() const;
  [[nodiscard]] std::size_t unread() const { return unread_; }
  [[nodiscard]] const std::map<std::string, std::size_t>& events() const { return events_; }

 private:
  struct Patient {
    std::uint64_t history = 0;  // of all that concerned this patient, in order; not the same for two orders
    std::string name, bed, merged_into;
    std::set<std::string> accounts, links;
  };
  struct Seen {  // what a message says
    std::string event, id;
    std::vector<std::string> pids;      // first identifier of each PID-3
    std::vector<std::string> names;     // PID-5 of each
    std::vector<std::string> accounts;  // PID-18 of each
    std::vector<std::string> beds;      // PV1-3 of each
    std::string prior, prior_account;   // MRG-1, MRG-3
  };
  static Seen read(std::string_view message);
  void mark(Patient& patient, const Seen& seen, std::uint64_t other = 0);

  std::map<std::string, Patient> patients_;
  std::map<std::string, std::size_t> events_;
  std::size_t unread_ = 0;
};

/// Message n of the stream that the seed fixes; control ids are the numbers.
class AdtStream {
 public:
  AdtStream(std::uint64_t seed, std::size_t patients) : random_(seed), patients_(patients) {}
  std::string next();

 private:
  [[nodiscard]] std::string identifiers(std::size_t patient) const;
  std::string pid(std::size_t patient, int set = 1);
  std::size_t other_than(std::size_t patient);

  Seeded random_;
  std::size_t patients_;
  std::uint64_t number_ = 0;
};

}  // namespace smarthl7::testing

// SPDX-License-Identifier: Apache-2.0
// What the parts of the checker share: every message that was sent, with what its sender was told and what the hub's books say.
// Internal to checker*.cc. Borrows the History. One thread.
#pragma once

#include <functional>
#include <set>

#include "tests/sim/checker.h"

namespace smarthl7::sim {

struct Facts {
  struct Message {
    const Promise* promise = nullptr;
    const Sender* sender = nullptr;
    std::string identity;
    store::MessageId id = 0;  // 0: the hub has not taken it
    const Books::Message* book = nullptr;
    const Route* route = nullptr;  // the plan that took it
    bool conflicts = false;        // an accepted one before it has its control id
  };

  explicit Facts(const History& given);

  void complain(std::string text) { broken.push_back(std::move(text)); }
  [[nodiscard]] const Message* find(const std::string& identity) const;
  /// What the destinations of the main line get where the receiver is asked for both acknowledgements.
  [[nodiscard]] std::string as_sent(const RouteDestination& destination, std::string message, const std::string& sent) const;
  /// A destination as the first variant that has it describes it.
  [[nodiscard]] const RouteDestination* destination(const std::string& name) const;

  const History& history;
  std::vector<Message> messages;  // sender by sender, as they were sent
  std::map<std::string, std::size_t> places;
  std::set<std::pair<std::string, std::string>> dead;                      // destination, identity
  std::map<std::pair<std::string, store::MessageId>, std::size_t> listed;  // how often in the ledger
  std::vector<std::string> broken;
};

/// Order of first arrivals, per destination and key; the order of commits against what senders saw; held lanes.
void check_order(Facts& facts);
/// Batches and parts.
void check_batches(Facts& facts, HistoryCounts& counts);
void check_split(Facts& facts, HistoryCounts& counts);

}  // namespace smarthl7::sim

// SPDX-License-Identifier: Apache-2.0
// What the world outside the hub saw: senders that remember what was acknowledged, three receivers (fifo, by patient, any
// order) that remember what arrived, and the account of both against the hub's ledger. Shares no code with the hub. Ownership:
// the hub's process and all threads end with it. Threads: the test's one, beside those of senders and receivers.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/crash/sender.h"
#include "tests/support/hub.h"
#include "tests/support/process.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {

struct Account {
  struct Destination {
    std::string name;
    std::size_t arrived = 0;       // different messages
    std::size_t repeats = 0;       // arrivals of one that had arrived
    std::size_t unlisted = 0;      // of these, more than the ledger has entries for that message
    std::size_t ledger = 0;        // entries
    std::size_t most_at_once = 0;  // entries found by one start, the most
    std::size_t lost = 0;          // acknowledged and not arrived
    std::size_t out_of_order = 0;  // first arrivals behind a later message of the same sender (and patient)
  };
  std::size_t acknowledged = 0;
  std::array<Destination, 3> destinations;
  std::vector<std::string> findings;  // the first few of what must not be

  [[nodiscard]] std::size_t lost() const;
  [[nodiscard]] std::size_t out_of_order() const;
  [[nodiscard]] std::size_t repeats() const;
  [[nodiscard]] std::size_t unlisted() const;
  [[nodiscard]] std::string text() const;  // a table
};

class Observer {
 public:
  /// `program` runs tests/crash/three.route in `folder`. The senders start at once, and wait for the hub.
  Observer(const std::string& program, const std::string& folder, int senders);

  [[nodiscard]] Hub& hub() { return hub_; }
  [[nodiscard]] std::size_t acknowledged() const;  // so far
  [[nodiscard]] int unanswered() const { return unanswered_.load(); }
  /// Waits until `answers` messages more are acknowledged; false if the hub ended before, or after `within`.
  [[nodiscard]] bool load(std::size_t answers, std::chrono::seconds within = std::chrono::seconds(60));
  void stop_senders();
  /// Each receiver's answer takes so long from now on: queues grow in the hub.
  void slow_receivers(int milliseconds);
  /// After stop_senders() and with the hub running: waits until its queues are empty, asks for the ledger, compares.
  [[nodiscard]] Account account(bool drained = true);

 private:
  void read_ledger(Account::Destination& destination, const std::vector<std::string>& repeated, Account& into);

  unsigned short port_ = free_port();
  std::array<ScriptedReceiver, 3> receivers_;
  Hub hub_;
  std::atomic<int> unanswered_{0};
  std::vector<std::unique_ptr<Sender>> senders_;
};

}  // namespace smarthl7::testing

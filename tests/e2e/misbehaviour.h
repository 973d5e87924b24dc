// SPDX-License-Identifier: Apache-2.0
// One row of docs/operate/misbehaviour.md for each fault of a peer: what the peer saw, what the trace says, what was counted,
// all as observed at the real hub. The row must be the document's; SMARTHL7_UPDATE_GOLDEN=1 writes the document anew.
// Ownership: the fixture holds hub and peers. Threads: the test's.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/process.h"
#include "tests/support/raw_receiver.h"

namespace smarthl7::testing {

enum class Side { receiver, sender };

class Misbehaviour : public ::testing::Test {
 protected:
  void run_hub(const std::string& route = "misbehaviour.route", const std::vector<std::string>& arguments = {});
  /// The receiver at the destination's port.
  void receive(RawReceiver::Serve serve) { receiver_ = std::make_unique<RawReceiver>(out_, std::move(serve)); }
  /// A receiver that answers AA to everything; how many messages have come.
  void receive_well();
  [[nodiscard]] int arrived() const { return arrived_.load(); }
  void came() { ++arrived_; }

  /// Sends message n as a good sender; the answer's code.
  std::string send(std::uint64_t n, std::uint64_t observations = 20);
  /// Waits until message `id` has ended; its state.
  std::string end_of(std::uint64_t id);
  /// Waits until the trace of message `id` holds so many attempts.
  bool attempted(std::uint64_t id, int times);
  /// Waits until the counter of the source or the destination has reached `least`.
  bool counted(const char* list, const char* name, std::uint64_t least);

  /// Adds the row and holds it to the document. `messages`: whose traces are told.
  void row(Side side, const std::string& fault, const std::string& peer_sees, const std::vector<std::uint64_t>& messages);

  ScratchFolder folder_{"misbehaviour"};
  unsigned short port_ = free_port();
  unsigned short out_ = free_port();
  std::unique_ptr<Hub> hub_;
  std::atomic<int> arrived_{0};
  std::unique_ptr<RawReceiver> receiver_;

 private:
  [[nodiscard]] std::string trace_of(std::uint64_t id) const;
  [[nodiscard]] std::string counters() const;
};

/// What an answer says: "AE, MSA-2 empty, ERR-3 101"; "nothing" if there is none.
[[nodiscard]] std::string told(const std::string& answer);

}  // namespace smarthl7::testing

// SPDX-License-Identifier: Apache-2.0
// Kills the real hub again and again under load, from another process, and holds it to its promises: what was acknowledged
// arrives, in order; every resend to a destination stands in the ambiguity ledger. SMARTHL7_KILLS (default 4) and
// SMARTHL7_KILLS_PER_POINT (default 1) say how often; the long run is `evidence`.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "runtime/env/crash_point.h"
#include "tests/crash/sender.h"
#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/oru_generator.h"
#include "tests/support/process.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kSenders = 32;

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

std::string make_message(int sender, std::uint64_t n) {
  OruOptions options;
  options.seed = static_cast<std::uint64_t>(sender) + 1;
  options.patients = 200;
  options.control_prefix = "S" + std::to_string(sender) + "X";
  return make_oru(options, n);
}

/// First arrivals of one sender's messages in order of arrival, and how many arrived again.
struct Seen {
  std::map<std::string, std::vector<std::string>> first_by_sender;
  std::size_t repeats = 0;
  std::set<std::string> all;
};

Seen look_at(const std::vector<std::string>& arrivals) {
  Seen seen;
  for (const std::string& id : arrivals) {
    if (seen.all.insert(id).second) {
      seen.first_by_sender[id.substr(0, id.find('X'))].push_back(id);
    } else {
      ++seen.repeats;
    }
  }
  return seen;
}

class Kill : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < kSenders; ++i)
      senders_.push_back(std::make_unique<Sender>(port_, [i](std::uint64_t n) { return make_message(i, n); }, unanswered_));
  }

  /// Load is on the hub: answers come and at least `unanswered` sends wait.
  void await_load(int unanswered) {
    const std::size_t before = fifo_.count();
    ASSERT_TRUE(eventually(60s, [&] { return fifo_.count() > before + 100; })) << "the hub takes no load; see hub.log";
    ASSERT_TRUE(eventually(30s, [&] { return unanswered_.load() >= unanswered; }));
  }

  void finish_and_check() {
    for (auto& sender : senders_) sender->stop();
    std::size_t acknowledged = 0;
    ASSERT_TRUE(eventually(120s, [&] { return hub_.queued() == 0; })) << "the queues do not drain";
    const Seen fifo = look_at(fifo_.arrivals());
    const Seen patient = look_at(patient_.arrivals());
    for (const auto& sender : senders_) {
      EXPECT_EQ(sender->trouble(), "");
      for (const std::string& id : sender->acknowledged()) {
        ++acknowledged;
        EXPECT_TRUE(fifo.all.contains(id)) << id << " was acknowledged and did not arrive in order";
        EXPECT_TRUE(patient.all.contains(id)) << id << " was acknowledged and did not arrive by patient";
      }
    }
    check_batches();
    for (const auto& [sender, ids] : fifo.first_by_sender)
      EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end())) << "out of order at the fifo destination: " << sender;
    const std::size_t ledger_fifo = ledger("in_order");
    const std::size_t ledger_patient = ledger("by_patient");
    EXPECT_LE(fifo.repeats, ledger_fifo) << "a resend is missing in the ledger";
    EXPECT_LE(patient.repeats, ledger_patient) << "a resend is missing in the ledger";
    EXPECT_LE(ledger_fifo, 256U * restarts_);
    EXPECT_LE(ledger_patient, 4U * 256U * restarts_);
    std::printf(
        "restarts %u, acknowledged %zu, arrived %zu + %zu, resent %zu + %zu, in the ledger %zu + %zu, least unanswered at a "
        "kill %d\n",
        restarts_, acknowledged, fifo.all.size(), patient.all.size(), fifo.repeats, patient.repeats, ledger_fifo,
        ledger_patient, least_unanswered_);
  }

  /// What was acknowledged is in exactly one batch; a batch that came twice came with the same bytes.
  void check_batches() {
    std::map<std::string, std::string> in;  // message to batch
    std::map<std::string, std::string> bytes;
    const auto read = [&] {
      for (const std::string& batch : batches_.messages()) {
        const std::string id = control_id_of(batch);
        const auto [known, fresh] = bytes.try_emplace(id, batch);
        EXPECT_EQ(known->second, batch) << "one batch id, two contents";
        if (!fresh) continue;
        for (std::size_t at = batch.find("\rMSH|"); at != std::string::npos; at = batch.find("\rMSH|", at + 1)) {
          const std::string message = control_id_of(batch.substr(at + 1));
          EXPECT_TRUE(in.try_emplace(message, id).second) << message << " is in two batches";
        }
      }
    };
    const auto closed = std::chrono::steady_clock::now() + 3s;  // the last batch closes by its time
    EXPECT_TRUE(eventually(60s, [&] { return std::chrono::steady_clock::now() >= closed && hub_.queued() == 0; }));
    read();
    for (const auto& sender : senders_)
      for (const std::string& id : sender->acknowledged())
        EXPECT_TRUE(in.contains(id)) << id << " was acknowledged and is in no batch";
    std::printf("batches %zu with %zu messages\n", bytes.size(), in.size());
  }

  std::size_t ledger(const std::string& destination) {
    std::size_t count = 0;
    std::uint64_t after = 0;
    while (true) {
      const auto page =
          hub_.ask({"ambiguous", "--destination", destination, "--limit", "10000", "--after", std::to_string(after)});
      if (!page.is_object()) return count;
      const auto& rows = page.at("ambiguous").as_array();
      count += rows.size();
      if (rows.size() < 10000) return count;
      after = rows.back().at("message").to_number<std::uint64_t>();
    }
  }

  ScratchFolder folder_{"crash"};
  unsigned short port_ = free_port();
  ScriptedReceiver fifo_;
  ScriptedReceiver patient_;
  ScriptedReceiver batches_{0, [](const std::string& id, int) { return Behaviour{answer_to(id, "AA")}; }};
  Hub hub_{SMARTHL7_PROGRAM,
           std::string(SMARTHL7_SOURCE_DIR) + "/tests/crash/crash.route",
           folder_.path(),
           {{"hub_port", std::to_string(port_)},
            {"fifo_port", std::to_string(fifo_.port())},
            {"patient_port", std::to_string(patient_.port())},
            {"batch_port", std::to_string(batches_.port())}}};
  std::atomic<int> unanswered_{0};
  std::vector<std::unique_ptr<Sender>> senders_;
  unsigned restarts_ = 0;
  int least_unanswered_ = 1 << 30;
};

TEST_F(Kill, AtAnyMomentUnderLoad) {
  const int kills = setting("SMARTHL7_KILLS", 4);
  hub_.start();
  for (int i = 0; i < kills; ++i) {
    await_load(8);
    if (HasFatalFailure()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds((i * 37) % 113));
    int waiting = unanswered_.load();
    while (waiting < 8) waiting = unanswered_.load();
    hub_.kill_now();
    least_unanswered_ = std::min(least_unanswered_, waiting);
    ++restarts_;
    hub_.start();
  }
  EXPECT_GE(least_unanswered_, 8);
  await_load(1);
  finish_and_check();
}

TEST_F(Kill, AtEveryNamedPoint) {
  const int times = setting("SMARTHL7_KILLS_PER_POINT", 1);
  for (int i = 0; i < times; ++i) {
    for (const std::string_view point : env::crash_point_names()) {
      const bool rare = point == "in_checkpoint";
      const bool batch = point.ends_with("_batch");
      const int visit = rare ? 1 : batch ? 7 + i * 3 : 200 + i * 331;
      hub_.start({"SMARTHL7_CRASH_AT=" + std::string(point) + ":" + std::to_string(visit)});
      int code = -1;
      ASSERT_TRUE(eventually(120s, [&] { return (code = hub_.process().poll()) != -1; })) << point << " was never reached";
      EXPECT_EQ(code, 128 + SIGKILL) << point << ": the hub ended in another way";
      ++restarts_;
    }
  }
  least_unanswered_ = 0;
  hub_.start();
  await_load(1);
  finish_and_check();
}

}  // namespace
}  // namespace smarthl7::testing

// SPDX-License-Identifier: Apache-2.0
// A stream of ADT messages with merges, moves, swaps, links and changes of identifiers goes to two receivers that keep a
// patient index: over 16 connections in the order of each patient, and over one in the order of all. Both must end where an
// index ends that was told everything in order; the speed of both is printed. `--messages N` for more than the fast test's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "tests/e2e/patient_index.h"
#include "tests/support/hub.h"
#include "tests/support/line.h"
#include "tests/support/receiver.h"

namespace smarthl7::testing {
namespace {

using namespace std::chrono_literals;

std::size_t g_messages = 1000;
constexpr std::size_t kPatients = 500;

/// Takes a millisecond for most messages, up to three for some, so that lanes get out of step.
Behaviour answer_slowly(const std::string& id, int /*time*/) {
  const unsigned long number = std::strtoul(id.c_str(), nullptr, 10);
  return Behaviour{answer_to(id, "AA"), static_cast<int>(number % 11 == 0 ? 3 : 1)};
}

struct Drained {
  double seconds = 0;
  PatientIndex index;
  std::size_t out_of_order = 0;  // arrivals with a smaller number than one before
};

class Merges : public ::testing::Test {
 protected:
  Drained drain(unsigned short port) {
    ScriptedReceiver receiver(port, answer_slowly);
    EXPECT_TRUE(eventually(60s, [&] { return receiver.count() > 0; }));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually(600s, [&] { return receiver.count() >= g_messages; }));
    Drained drained;
    drained.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::uint64_t highest = 0;
    for (const std::string& message : receiver.messages()) {
      drained.index.apply(message);
      const std::uint64_t number = std::strtoul(control_id_of(message).c_str(), nullptr, 10);
      if (number < highest) ++drained.out_of_order;
      highest = std::max(highest, number);
    }
    EXPECT_EQ(receiver.count(), g_messages) << "each once: nothing was cut";
    return drained;
  }

  ScratchFolder folder_{"merges"};
  unsigned short port_ = free_port();
  unsigned short wide_ = free_port();
  unsigned short one_ = free_port();
};

TEST_F(Merges, SixteenLanesEndWhereOneDoes) {
  Hub hub(SMARTHL7_PROGRAM, std::string(SMARTHL7_SOURCE_DIR) + "/tests/e2e/merges.route", folder_.path(),
          std::map<std::string, std::string>{
              {"hub_port", std::to_string(port_)}, {"wide_port", std::to_string(wide_)}, {"one_port", std::to_string(one_)}});
  hub.start();
  ASSERT_TRUE(hub.ready()) << hub.log();
  PatientIndex wanted;
  AdtStream stream(5, kPatients);
  Line line;
  ASSERT_TRUE(line.connect(port_));
  for (std::size_t i = 0; i < g_messages; ++i) {
    const std::string message = stream.next();
    wanted.apply(message);
    ASSERT_TRUE(line.write_frame(message));
    std::string answer;
    ASSERT_TRUE(line.read_frame(answer, 20));
    ASSERT_EQ(msa_of(answer).first, "AA") << answer;
  }
  ASSERT_EQ(wanted.unread(), 0U);
  std::size_t of_two = 0;
  for (const char* event : {"A17", "A24", "A37", "A40", "A43", "A44", "A47"}) {
    const auto at = wanted.events().find(event);
    ASSERT_TRUE(at != wanted.events().end()) << event << " is in the stream";
    of_two += at->second;
  }

  const Drained wide = drain(wide_);
  const Drained one = drain(one_);
  EXPECT_EQ(one.index.state(), wanted.state()) << "one lane: everything in order";
  EXPECT_EQ(one.out_of_order, 0U);
  EXPECT_EQ(wide.index.state(), wanted.state()) << "sixteen lanes: every patient in order, over merges, moves and swaps too";
  EXPECT_GT(wide.out_of_order, 0U) << "else the lanes never got out of step, and nothing was tried";
  std::printf("%zu messages, %zu of them of two patients, over %zu patients\n", g_messages, of_two, kPatients);
  std::printf("16 lanes, order by patient: %.1f s, %.0f msg/s; %zu arrivals behind a later one\n", wide.seconds,
              static_cast<double>(g_messages) / wide.seconds, wide.out_of_order);
  std::printf("one lane, order fifo:       %.1f s, %.0f msg/s\n", one.seconds, static_cast<double>(g_messages) / one.seconds);
  std::printf("the state of both is that of an index that was told everything in order\n");
  EXPECT_EQ(hub.stop(), 0) << hub.log();
}

/// The index sees what it must: any two neighbouring events of one patient that change places end in another state.
TEST(PatientIndex, TheOrderOfEachPatientIsInItsState) {
  AdtStream stream(7, 6);
  std::vector<std::string> messages;
  for (int i = 0; i < 300; ++i) messages.push_back(stream.next());
  const auto end = [](const std::vector<std::string>& told) {
    PatientIndex index;
    for (const std::string& message : told) index.apply(message);
    return index.state();
  };
  const std::string wanted = end(messages);
  std::size_t concerned = 0;
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    const auto patients = [](const std::string& message) {
      std::set<std::string> found;
      for (std::size_t at = message.find("|P"); at != std::string::npos; at = message.find("|P", at + 1)) {
        const std::size_t stop = message.find('^', at);
        if (at + 2 < message.size() && message[at + 2] >= '0' && message[at + 2] <= '9' && stop != std::string::npos)
          found.insert(message.substr(at + 1, stop - at - 1));
      }
      return found;
    };
    std::vector<std::string> swapped = messages;
    std::swap(swapped[i], swapped[i + 1]);
    std::vector<std::string> both;
    std::ranges::set_intersection(patients(messages[i]), patients(messages[i + 1]), std::back_inserter(both));
    EXPECT_EQ(end(swapped) == wanted, both.empty()) << i;
    concerned += both.empty() ? 0U : 1U;
  }
  EXPECT_GT(concerned, 50U);
}

}  // namespace
}  // namespace smarthl7::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i + 1 < argc; ++i)
    if (std::strcmp(argv[i], "--messages") == 0) smarthl7::testing::g_messages = std::strtoul(argv[i + 1], nullptr, 10);
  return RUN_ALL_TESTS();
}

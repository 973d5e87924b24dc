// SPDX-License-Identifier: Apache-2.0
// A message with 20 MB in one field: what looks at it must not copy it, and what changes another field may write it once.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "compiler/plan/testing/plan_builder.h"
#include "runtime/eval/evaluator.h"
#include "stdlib/hl7/charset_message.h"
#include "stdlib/hl7/escape_check.h"
#include "stdlib/hl7/validate.h"

namespace {
constexpr std::size_t kLarge = std::size_t{1} << 20U;
std::atomic<std::size_t> large_allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  if (size >= kLarge) large_allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace smarthl7::eval {
namespace {

using plan::testing::PlanBuilder;

constexpr std::size_t kValue = 20'000'000;

const std::string& large_message() {
  static const std::string bytes = [] {
    std::string text =
        "MSH|^~\\&|A|B|C|D|20261123101500||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||1001^^^MERCY^MR||Smith^Anna||19700101|F\r"
        "OBR|1|||24323-8^Panel^LN|||20261123\rOBX|1|ED|11502-2^Report^LN||^application^pdf^Base64^";
    text.append(kValue, 'A');
    return text.append("||||||F\rNTE|1||after\r");
  }();
  return bytes;
}

/// Allocations of a megabyte or more while f runs.
template <class F>
std::size_t large_in(F&& f) {
  const std::size_t before = large_allocations;
  f();
  return large_allocations - before;
}

TEST(LargeValue, IndexValidationAndChecksDoNotCopyIt) {
  const std::string& bytes = large_message();
  const hl7::Version version = hl7::find_version("2.5.1").version;
  const hl7::Validator validator(version, version.structure("ORU_R01"));
  hl7::Message message;
  hl7::Placement placement;
  std::vector<hl7::Finding> findings;
  EXPECT_EQ(large_in([&] {
              ASSERT_TRUE(message.reset(std::string_view(bytes)));
              validator.placer().place(message, placement);
              validator.check(message, placement, findings);
              hl7::check_charset(message, hl7::text_encoding(message), findings);
              hl7::check_escapes(message, findings);
            }),
            0U);
  EXPECT_EQ(message.raw({3, 5, 1, 5, 0}).size(), kValue);
}

TEST(LargeValue, AMappingOfAnotherFieldWritesItOnceForAllDestinations) {
  PlanBuilder b;
  const auto change = b.map(b.mapping("m", {b.assign("PID-8", b.literal("U"))}));
  b.flow("f", b.source("lab"),
         {b.deliver(b.destination("raw")), change, b.deliver(b.destination("a")), b.deliver(b.destination("c"))});
  const auto bound = bind(b.plan, {}, {});
  ASSERT_TRUE(bound) << bound.error().describe();
  const auto evaluator = make_evaluator(*bound);
  const auto message = hl7::Message::parse(std::string_view(large_message()));
  ASSERT_TRUE(message);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(large_in([&] {
                const Effects& effects = evaluator->evaluate(0, *message);
                ASSERT_EQ(effects.flows.at(0).deliveries.size(), 3U);
                EXPECT_FALSE(effects.flows[0].deliveries[0].body);
                EXPECT_TRUE(effects.flows[0].deliveries[1].body->same_as(*effects.flows[0].deliveries[2].body));
              }),
              1U);
  }
}

}  // namespace
}  // namespace smarthl7::eval

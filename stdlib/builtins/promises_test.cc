// SPDX-License-Identifier: Apache-2.0
// Every function keeps the promises of its specification for arguments that nobody thinks of, and allocates nothing in the
// steady state; edge cases that no example shows.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <random>

#include "stdlib/builtins/all.h"
#include "stdlib/builtins/testing/anything.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// Not inlined: the compiler would see free() beside a new that it knows, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const at = std::malloc(size == 0 ? 1 : size)) return at;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](std::size_t size) { return operator new(size); }
[[gnu::noinline]] void operator delete(void* at) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete[](void* at) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete(void* at, std::size_t /*size*/) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete[](void* at, std::size_t /*size*/) noexcept { std::free(at); }

namespace smarthl7::builtins {
namespace {

Value text(std::string_view value) { return Value::of(value); }
Value number(std::string_view value) { return Value::of(*Decimal::parse(value)); }

std::string call(const Function& function, std::vector<Value> arguments) {
  Arena arena;
  Value result;
  return function.apply(arguments, arena, result) ? std::string(text_of(result, arena)) : "fails";
}

TEST(Promises, AreKeptForAnyArguments) {
  std::mt19937 random(20261123);
  const testing::Pick pick = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  Arena arena;
  for (const Function* function : all_functions()) {
    for (int round = 0; round < 3000; ++round) {
      arena.reset();
      const std::string broken = testing::break_promise(*function, pick, arena);
      ASSERT_EQ(broken, "") << function->name << ", round " << round;
    }
  }
}

TEST(Promises, NothingIsAllocatedInTheSteadyState) {
  std::mt19937 random(7);
  const testing::Pick pick = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (const Function* function : all_functions()) {
    Arena given;
    std::vector<Value> arguments;
    for (std::size_t i = 0; i < function->parameters.size(); ++i) {
      ASSERT_TRUE(testing::any_argument(function->parameter(i), pick, given, arguments.emplace_back()));
    }
    Arena arena;
    Value result;
    for (int warm = 0; warm < 3; ++warm) {
      arena.reset();
      static_cast<void>(function->apply(arguments, arena, result));
    }
    const std::size_t before = allocations;
    for (int round = 0; round < 10; ++round) {
      arena.reset();
      result = {};
      static_cast<void>(function->apply(arguments, arena, result));
    }
    EXPECT_EQ(allocations, before) << function->name;
  }
}

TEST(Promises, OutputIsBounded) {
  const std::string long_text(100'000, 'a');
  EXPECT_EQ(call(kRepeat, {text(long_text), number("1000")}), "");
  EXPECT_EQ(call(kRepeat, {text("ab"), number("99999999999")}).size(), 2000U);
  EXPECT_EQ(call(kPadRight, {text("a"), number("99999999999"), text("é")}).size(), 1 + 999U * 2);
  const std::string grown = call(kReplace, {text(long_text), text("a"), text(long_text)});
  EXPECT_LE(grown.size(), kMostText + long_text.size());
  EXPECT_GT(grown.size(), kMostText - 2 * long_text.size());
  EXPECT_TRUE(grown.ends_with("a"));
}

TEST(Promises, CharactersStayWhole) {
  EXPECT_EQ(call(kReverse, {text("a\xCC\x88z")}),
            "z\xCC\x88"
            "a");
  EXPECT_EQ(call(kPrintable, {text("a\tb\x01\xE2\x80\x8B\xC2\x85\xFF\r\nc")}), "a b  c");
  EXPECT_EQ(call(kAscii, {text("\xFF\xF0\x9F\x98\x80")}), "??");
  EXPECT_EQ(call(kAscii, {text("a\xCC\x88")}), "a");
  EXPECT_EQ(call(kWithoutAccents, {text("a\xCC\x88")}), "a");
  EXPECT_EQ(call(kLetters, {text("A\xFF\xE6\x9D\x8E\xC3\x97")}), "A\xE6\x9D\x8E");
  EXPECT_EQ(call(kOnly, {text("aéb"), text("é")}), "é");
  EXPECT_EQ(call(kWithout, {text("aéb"), text("é")}), "ab");
  EXPECT_EQ(call(kTitle, {text("łódź")}), "Łódź");
  EXPECT_EQ(call(kCollapse, {text("\xC2\xA0 a\r\n\tb \xC2\xA0")}), "a b");
}

TEST(Promises, BytesComeBackFromEveryEncoding) {
  std::string all;
  for (int size = 0; size < 40; ++size) {
    for (const auto& [encode, decode] :
         {std::pair{&kEncodeBase64, &kDecodeBase64}, {&kEncodeHex, &kDecodeHex}, {&kEncodeUrl, &kDecodeUrl}}) {
      EXPECT_EQ(call(*decode, {text(call(*encode, {text(all)}))}), all);
    }
    all += size % 3 == 0 ? "é" : std::string(1, static_cast<char>(' ' + size));
  }
  for (const char* wrong : {"A", "A===", "AA=", "=AAA", "AAAA=", "AB==", "AA=A", "AAB="})
    EXPECT_EQ(call(kDecodeBase64, {text(wrong)}), "fails") << wrong;
  EXPECT_EQ(call(kDecodeUrl, {text("%C3%A")}), "fails");
  EXPECT_EQ(call(kDecodeHex, {text("ED A0 80")}), "fails");
  EXPECT_EQ(call(kDecodeHex, {text("EDA080")}), "fails");  // a surrogate
}

TEST(Promises, RoundingIsExact) {
  EXPECT_EQ(call(kRoundEven, {number("-0.5"), number("0")}), "0");
  EXPECT_EQ(call(kRoundEven, {number("1.5"), number("0")}), "2");
  EXPECT_EQ(call(kRoundEven, {number("2.5000000000000000000000000001"), number("0")}), "3");
  EXPECT_EQ(call(kCeiling, {number("-0.1")}), "0");
  EXPECT_EQ(call(kFloor, {number("99999999999999999999999999999999999999")}), "99999999999999999999999999999999999999");
  EXPECT_EQ(call(kTruncate, {number("-0.09"), number("1")}), "0.0");
  EXPECT_EQ(call(kRoundSignificant, {number("99.96"), number("3")}), "100");
  EXPECT_EQ(call(kRoundSignificant, {number("0.00099995"), number("4")}), "0.001000");
  EXPECT_EQ(call(kRoundSignificant, {number("123456789"), number("1")}), "100000000");
  EXPECT_EQ(call(kModulo, {number("-7.5"), number("-2")}), "-1.5");
  EXPECT_EQ(call(kModulo, {number("7"), number("-3")}), "-2");
  EXPECT_EQ(call(kFixed, {number("+007.5"), number("2")}), "7.50");
  EXPECT_EQ(call(kFixed, {number("5."), number("1")}), "5.0");
  EXPECT_EQ(call(kNumberWithComma, {text("-1 234,5")}), "-1234.5");
  for (const char* wrong : {"", ",", "1.23", "1..234", ".234", "12.34,5", "1.2345", "-", "1,5.0"})
    EXPECT_EQ(call(kNumberWithComma, {text(wrong)}), "fails") << wrong;
}

TEST(Promises, ListsAreSortedWholly) {
  Arena arena;
  const std::span<Value> items = arena.take_values(1000);
  std::mt19937 random(3);
  for (Value& item : items) item = Value::of(Decimal(static_cast<std::int64_t>(random() % 50)));
  const std::vector<Value> arguments = {Value::list(items)};
  Value sorted;
  Value distinct;
  ASSERT_TRUE(kSorted.apply(arguments, arena, sorted));
  ASSERT_TRUE(kDistinct.apply(arguments, arena, distinct));
  EXPECT_TRUE(std::ranges::is_sorted(sorted.list(), {}, [](const Value& value) { return value.number; }));
  EXPECT_EQ(sorted.list().size(), 1000U);
  EXPECT_EQ(distinct.list().size(), 50U);
}

}  // namespace
}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
// Runs the examples of every function's specification.
#include <gtest/gtest.h>

#include <algorithm>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

/// `name("a", 1)`: the literals between the parentheses.
std::vector<Value> arguments_of(std::string_view call) {
  std::vector<Value> values;
  std::string_view rest = call.substr(call.find('(') + 1);
  while (!rest.empty() && rest[0] != ')') {
    if (rest[0] == '"') {
      const std::size_t end = rest.find('"', 1);
      values.push_back(Value::of(rest.substr(1, end - 1)));
      rest.remove_prefix(end + 1);
    } else if (rest[0] == ',' || rest[0] == ' ') {
      rest.remove_prefix(1);
    } else {
      const std::size_t end = rest.find_first_of(",)");
      const auto number = Decimal::parse(rest.substr(0, end));
      EXPECT_TRUE(number.has_value()) << call;
      values.push_back(Value::of(number.value_or(Decimal{})));
      rest.remove_prefix(end);
    }
  }
  return values;
}

std::string run(const Function& function, std::string_view call) {
  Arena arena;
  Value result;
  const auto arguments = arguments_of(call);
  EXPECT_TRUE(function.takes(arguments.size())) << call;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    EXPECT_EQ(static_cast<int>(arguments[i].kind) - 1, static_cast<int>(function.parameter(i).type)) << call;
  }
  if (!function.apply(arguments, arena, result)) return "fails";
  const std::string text(text_of(result, arena));
  return result.kind == Kind::text ? '"' + text + '"' : text;
}

TEST(Builtins, doWhatTheirExamplesSay) {
  for (const Function* function : all_functions()) {
    EXPECT_FALSE(function->examples.empty()) << function->name;
    bool failed = false;
    for (const Example& example : function->examples) {
      EXPECT_TRUE(example.call.starts_with(std::string(function->name) + "(")) << example.call;
      EXPECT_EQ(run(*function, example.call), example.result) << example.call;
      failed = failed || example.result == "fails";
    }
    EXPECT_EQ(failed, !function->can_fail.empty()) << function->name;
  }
}

TEST(Builtins, areFoundByNameAndSorted) {
  EXPECT_TRUE(std::ranges::is_sorted(all_functions(), {}, [](const Function* f) { return f->name; }));
  for (const Function* function : all_functions()) EXPECT_EQ(find_function(function->name), function);
  EXPECT_EQ(find_function("uppercase"), nullptr);
  EXPECT_EQ(find_function(""), nullptr);
  EXPECT_EQ(signature(kPadLeft), "pad_left(text : text, length : number, fill : text) -> text");
  EXPECT_EQ(signature(kMin), "min(first : number, second : number, ...) -> number");
}

TEST(Builtins, leaveBytesThatAreNotUtf8Alone) {
  EXPECT_EQ(run(kUpper, "upper(\"m\xFCller\")"), "\"M\xFCLLER\"");
  EXPECT_EQ(run(kLength, "length(\"m\xFCller\")"), "6");
  EXPECT_EQ(run(kLeft, "left(\"\xE2\x82\", 1)"), "\"\xE2\"");
}

TEST(Builtins, takeSillyNumbersCalmly) {
  EXPECT_EQ(run(kSubstring, "substring(\"ABC\", -99999999999999999999, 99999999999999999999)"), "\"\"");
  EXPECT_EQ(run(kSubstring, "substring(\"ABC\", 1, -5)"), "\"\"");
  EXPECT_EQ(run(kPadLeft, "pad_left(\"A\", 99999999999, \"0\")").size(), 1002U);
  EXPECT_EQ(run(kRound, "round(1.25, -3)"), "1");
}

TEST(Builtins, everyCharacterOfCaseChangesComesBack) {
  Arena arena;
  for (unsigned c = 0xC0; c <= 0x17F; ++c) {
    const char bytes[2] = {static_cast<char>(0xC0U | (c >> 6U)), static_cast<char>(0x80U | (c & 0x3FU))};
    const std::string_view text(bytes, 2);
    Value up;
    Value down;
    const std::vector<Value> argument = {Value::of(text)};
    ASSERT_TRUE(kUpper.apply(argument, arena, up));
    ASSERT_TRUE(kLower.apply(argument, arena, down));
    EXPECT_TRUE(up.text == text || down.text == text) << c;
    if (up.text != text) {
      Value back;
      const std::vector<Value> again = {up};
      ASSERT_TRUE(kLower.apply(again, arena, back));
      EXPECT_EQ(back.text, text) << c;
    }
  }
}

TEST(Arena, keepsWhatItHandedOutUntilReset) {
  Arena arena;
  const std::string big(10000, 'x');
  const std::string_view a = arena.copy("first");
  const std::string_view b = arena.copy(big);
  const std::string_view c = arena.join("l", "ast");
  EXPECT_EQ(a, "first");
  EXPECT_EQ(b, big);
  EXPECT_EQ(c, "last");
  arena.reset();
  EXPECT_EQ(arena.copy("again"), "again");
}

}  // namespace
}  // namespace smarthl7::builtins

// SPDX-License-Identifier: Apache-2.0
// Runs the examples of every function's specification.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "stdlib/builtins/all.h"

namespace smarthl7::builtins {
namespace {

/// Reads a call as the examples spell it: literals, lists of them, calls of other functions.
class Reader {
 public:
  Reader(std::string_view text, Arena& arena) : rest_(text), arena_(arena) {}

  /// The arguments of the call, each kind as its parameter wants it.
  std::vector<Value> arguments_of(const Function& function) {
    rest_.remove_prefix(rest_.find('(') + 1);
    std::vector<Value> values;
    while (!rest_.empty() && rest_[0] != ')') {
      if (rest_[0] == ',' || rest_[0] == ' ') {
        rest_.remove_prefix(1);
        continue;
      }
      values.push_back(value());
      if (function.parameter(values.size() - 1).list && values.back().kind != Kind::list) {
        std::span<Value> one = arena_.take_values(1);
        one[0] = values.back();
        values.back() = Value::list(one);
      }
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return values;
  }

 private:
  Value value() {
    if (rest_[0] == '"') {
      const std::size_t end = rest_.find('"', 1);
      const Value text = Value::of(arena_.copy(rest_.substr(1, end - 1)));
      rest_.remove_prefix(end + 1);
      return text;
    }
    if (rest_[0] == '[') {
      std::vector<Value> items;
      while (rest_[0] != ']') {
        rest_.remove_prefix(rest_.find_first_not_of("[, "));
        if (rest_[0] != ']') items.push_back(value());
      }
      rest_.remove_prefix(1);
      const std::span<Value> kept = arena_.take_values(items.size());
      std::ranges::copy(items, kept.begin());
      return Value::list(kept);
    }
    const std::size_t end = rest_.find_first_of(",)](");
    const std::string_view word = rest_.substr(0, end);
    if (rest_[end] == '(') {
      const Function* const inner = find_function(word);
      EXPECT_NE(inner, nullptr) << word;
      if (inner == nullptr) return {};
      const auto arguments = arguments_of(*inner);
      Value result;
      EXPECT_TRUE(inner->apply(arguments, arena_, result)) << word;
      return result;
    }
    rest_.remove_prefix(end);
    if (word == "true" || word == "false") return Value::of(word == "true");
    const auto unit = std::ranges::find_if(word, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
    const auto number = Decimal::parse(std::string_view(word.begin(), unit));
    EXPECT_TRUE(number.has_value()) << word;
    if (unit == word.end()) return Value::of(number.value_or(Decimal{}));
    const std::string_view name(unit, word.end());
    const auto count = number.value_or(Decimal{}).to_int64();
    constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
        {"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
    for (const auto& [known, factor] : kUnits) {
      if (name == known) return Value::duration(count * factor);
    }
    ADD_FAILURE() << "unknown unit of " << word;
    return {};
  }

  std::string_view rest_;
  Arena& arena_;
};

std::string shown(const Value& value, Arena& arena) {
  const std::string text(text_of(value, arena));
  switch (value.kind) {
    case Kind::absent: return "absent";
    case Kind::text: return '"' + text + '"';
    case Kind::number:
    case Kind::boolean:
    case Kind::duration:
    case Kind::size: return text;
    case Kind::date: return "date " + text;
    case Kind::time: return "time " + text;
    case Kind::timestamp: return "timestamp " + text;
    case Kind::list: break;
  }
  std::string all = "[";
  for (const Value& item : value.list()) all += (all.size() > 1 ? ", " : "") + shown(item, arena);
  return all + "]";
}

std::string run(const Function& function, std::string_view call) {
  Arena arena;
  Value result;
  const auto arguments = Reader(call, arena).arguments_of(function);
  EXPECT_TRUE(function.takes(arguments.size())) << call;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Parameter& parameter = function.parameter(i);
    EXPECT_EQ(parameter.list, arguments[i].kind == Kind::list) << call;
    EXPECT_TRUE(parameter.list || accepts(parameter.type, type_of(arguments[i]))) << call;
    EXPECT_TRUE(!parameter.constant || parameter.valid == nullptr || parameter.valid(arguments[i].text)) << call;
  }
  if (!function.apply(arguments, arena, result)) return "fails";
  EXPECT_TRUE(!result.absent() || !function.can_be_absent.empty()) << call;
  if (!result.absent()) {
    EXPECT_EQ(function.result_list, result.kind == Kind::list) << call;
    if (!function.result_list && function.result != Type::same) {
      EXPECT_EQ(type_of(result), function.result) << call;
    }
  }
  return shown(result, arena);
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
